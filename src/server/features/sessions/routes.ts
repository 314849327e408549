import type { AnswerOf } from '../../../contract/index.ts'
import { fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { problem } from '../../http/problem.ts'
import { organization } from '../../decision/organization.ts'
import { revokeSession, revokeSessions, startSession } from './service.ts'
import { stateOf } from './lifetime.ts'
import { listSessions, type SessionRow } from './store.ts'

export const sessionHandlers: Handlers<'sessions'> = {
  start: (scope) => startSession(scope),
  async mine(scope, input) {
    const person = scope.actor.personId
    if (!person) throw problem('session_required', 'Only a person has sessions.')
    return listed(scope, { ...input, person })
  },
  async list(scope, input) {
    scope.demand('session:view', organization)
    return listed(scope, input)
  },
  async revoke(scope, { sessionId }) {
    return shown(scope, await revokeSession(scope, sessionId))
  },
  revokeAll: (scope, input) => revokeSessions(scope, input),
}

async function listed(
  scope: Scope,
  query: Parameters<typeof listSessions>[1],
): Promise<AnswerOf<'sessions.list'>> {
  const cursor = fromIdCursor(query.cursor, 1)?.[0]
  const rows = await listSessions(scope.db, { ...query, cursor }, scope.config.session, scope.now)
  const { shown: items, next } = pageOf(rows, query.limit, ({ id }) => [id])
  return { items: items.map((row) => shown(scope, row)), ...next }
}

function shown(scope: Scope, row: SessionRow): AnswerOf<'sessions.revoke'> {
  const own = row.personId === scope.actor.personId
  const { state, endsAt, endedAt, endReason } = stateOf(row, scope.config.session, scope.now)
  return {
    id: row.id,
    person: { id: row.personId, name: row.personName },
    startedAt: row.startedAt,
    ...(row.authenticatedAt && { authenticatedAt: row.authenticatedAt }),
    ...(row.acr && { acr: row.acr }),
    amr: row.amr,
    ip: row.ip,
    userAgent: row.userAgent,
    bound: row.jkt !== null,
    ...(row.seenAt && { lastSeenAt: row.seenAt }),
    ...(row.seenIp && { lastIp: row.seenIp }),
    state,
    ...(endsAt && { endsAt }),
    ...(endedAt && { endedAt }),
    ...(endReason && { endReason }),
    ...(row.endedBy && { endedBy: { id: row.endedBy, name: row.enderName ?? '' } }),
    current: row.id === scope.actor.sessionId,
    revocable:
      state === 'live' &&
      (own || scope.decide('session:revoke', organization).outcome === 'permitted'),
  }
}
