import type { AnswerOf } from '../../../contract/index.ts'
import { fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { problem } from '../../http/problem.ts'
import { organization } from '../../decision/organization.ts'
import { createToken, revokeToken } from './service.ts'
import { findToken, listTokens, type ApiTokenRow } from './store.ts'

export const apiTokenHandlers: Handlers<'apiTokens'> = {
  async list(scope, { everyone, cursor, limit }) {
    if (everyone) scope.demand('apiToken:view', organization)
    const after = fromIdCursor(cursor, 1)?.[0]
    const person = everyone ? undefined : scope.actor.personId
    if (!everyone && !person) throw problem('session_required', 'Only a person has API tokens.')
    const rows = await listTokens(scope.db, { person, cursor: after, limit })
    const { shown: items, next } = pageOf(rows, limit, ({ id }) => [id])
    return { items: items.map((row) => shown(scope, row)), ...next }
  },
  async create(scope, input) {
    const { id, token } = await createToken(scope, input)
    const row = await findToken(scope.db, id)
    if (!row) throw new Error('the API token that was just made is not there')
    return { ...shown(scope, row), token }
  },
  async revoke(scope, { apiTokenId }) {
    return shown(scope, await revokeToken(scope, apiTokenId))
  },
}

function shown(scope: Scope, row: ApiTokenRow): AnswerOf<'apiTokens.revoke'> {
  const own = row.personId === scope.actor.personId
  const state = row.revokedAt ? 'revoked' : row.expiresAt <= scope.now ? 'expired' : 'live'
  return {
    id: row.id,
    name: row.name,
    person: { id: row.personId, name: row.personName },
    role: { ...(row.roleId && { id: row.roleId }), name: row.roleName },
    hint: row.hint,
    allowSensitive: row.allowSensitive,
    state,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    ...(row.lastUsedAt && { lastUsedAt: row.lastUsedAt }),
    ...(row.lastIp && { lastIp: row.lastIp }),
    version: row.version,
    revocable:
      state === 'live' &&
      (own || scope.decide('apiToken:revoke', organization).outcome === 'permitted'),
  }
}
