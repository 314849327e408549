import type { AnswerOf } from '../../../contract/index.ts'
import { fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { problem } from '../../http/problem.ts'
import { grantAnswer } from './answer.ts'
import { askedGrantsImpact } from './impact.ts'
import {
  createGrant,
  grantResource,
  grantResourceOf,
  revokeGrants,
  updateGrant,
} from './service.ts'
import { findGrant, listGrants, type GrantRow } from './store.ts'

export const grantHandlers: Handlers<'grants'> = {
  async list(scope, input) {
    const after = fromIdCursor(input.cursor, 1)?.[0]
    const rows = await listGrants(scope.db, scope.reach('grant:view'), input, scope.now, after)
    const { shown: items, next } = pageOf(rows, input.limit, ({ id }) => [id])
    return {
      items: items.map((row) => shown(scope, row)),
      ...next,
    }
  },
  view: (scope, { grantId }) => show(scope, grantId),
  async create(scope, input) {
    return show(scope, await createGrant(scope, input))
  },
  impact(scope, input) {
    // What somebody may not see is not there for them.
    scope.reach('grant:view')
    return askedGrantsImpact(scope, input, async (id) => {
      const resource = await grantResource(scope.db, id)
      const row = await findGrant(scope.db, id)
      if (!row || !resource || scope.decide('grant:view', resource).outcome === 'denied') {
        throw problem('not_found', 'There is no such grant.')
      }
      return row
    })
  },
  async update(scope, { grantId, ...change }) {
    await updateGrant(scope, grantId, change)
    return show(scope, grantId)
  },
  async revoke(scope, { grantId, reason }) {
    await revokeGrants(scope, [grantId], reason)
    return show(scope, grantId)
  },
  async revokeMany(scope, { grantIds, reason }) {
    return { revoked: await revokeGrants(scope, grantIds, reason) }
  },
}

async function show(scope: Scope, id: string): Promise<AnswerOf<'grants.view'>> {
  const row = await findGrant(scope.db, id)
  if (!row) throw problem('not_found', 'There is no such grant.')
  return shown(scope, row)
}

function shown(scope: Scope, row: GrantRow): AnswerOf<'grants.view'> {
  const answer = grantAnswer(row, scope.now)
  const over = answer.state === 'expired' || answer.state === 'ended'
  return {
    ...answer,
    // What is over can be looked at and no more.
    allowed: scope
      .allowed(grantResourceOf(row))
      .filter((permission) => !over || permission === 'grant:view'),
  }
}
