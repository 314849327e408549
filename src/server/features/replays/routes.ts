import type { AnswerOf } from '../../../contract/index.ts'
import type { Layer } from '../../../contract/decisions.ts'
import { fromIdCursor, fromMomentCursor, pageOf } from '../../http/cursor.ts'
import { problem } from '../../http/problem.ts'
import type { Handlers } from '../../http/scope.ts'
import {
  createReplay,
  replayAnswer,
  replayDetail,
  theReplay,
  type ReplayRunner,
} from './service.ts'
import { cancelReplay, changedDecisions, listReplays, traceOf, type ChangedRow } from './store.ts'

const named = (id: string | null, name: string | null) => (id ? { id, name: name ?? id } : null)

const changedAnswer = (row: ChangedRow): AnswerOf<'replays.changed'>['items'][number] => ({
  decisionId: row.id,
  at: row.at,
  change: row.newlyDenied ? 'newly_denied' : 'newly_permitted',
  actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
  action: row.action,
  resource: { kind: row.resourceKind, id: row.resourceId, name: row.resourceName },
  project: named(row.projectId, row.projectName),
  context: named(row.contextId, row.contextName),
  sentence: row.sentence,
})

/** The layers as they were recorded, with another answer where the policies were asked. */
function withPolicies(recorded: readonly Layer[], policies: readonly Layer[]): Layer[] {
  const at = recorded.findIndex(({ layer }) => layer === 'policy')
  const others = recorded.filter(({ layer }) => layer !== 'policy')
  const place = at < 0 ? others.length : at
  return [...others.slice(0, place), ...policies, ...others.slice(place)]
}

/** Replays are of the whole organization's policies; which decisions they turned, one sees as far as one sees decisions. */
export function replayHandlers(runner: ReplayRunner): Handlers<'replays'> {
  return {
    async list(scope, { policyId, limit, cursor }) {
      scope.reach('policy:view')
      const after = fromIdCursor(cursor, 1)?.[0]
      const rows = await listReplays(scope.db, scope.reach('decision:view'), {
        policyId,
        limit: limit + 1,
        ...(after !== undefined && { after }),
      })
      const { shown, next } = pageOf(rows, limit, ({ id }) => [id])
      return { items: shown.map(replayAnswer), ...next }
    },
    create: (scope, input) => createReplay(scope, runner, input),
    async view(scope, { replayId }) {
      scope.reach('policy:view')
      return replayDetail(scope, replayId)
    },
    async changed(scope, { cursor, limit, ...query }) {
      scope.reach('policy:view')
      await theReplay(scope, query.replayId)
      const after = fromMomentCursor(cursor)
      const reach = scope.reach('decision:view')
      const rows = await changedDecisions(scope.db, reach, {
        ...query,
        limit: limit + 1,
        ...(after && { after }),
      })
      const { shown, next } = pageOf(rows, limit, ({ place, id }) => [place, id])
      return {
        items: shown.map(changedAnswer),
        ...next,
      }
    },
    async trace(scope, { replayId, decisionId }) {
      scope.reach('policy:view')
      const reach = scope.reach('decision:view')
      const [row] = await changedDecisions(scope.db, reach, { replayId, decisionId, limit: 1 })
      const trace = row && (await traceOf(scope.db, replayId, decisionId))
      if (!row || !trace) throw problem('not_found', 'The replay turned no such decision.')
      return {
        ...changedAnswer(row),
        before: withPolicies(trace.layers, trace.before),
        after: withPolicies(trace.layers, trace.after),
      }
    },
    async cancel(scope, { replayId }) {
      const row = await theReplay(scope, replayId)
      if (!(await cancelReplay(scope.db, replayId))) {
        throw problem('conflict', 'This replay has ended already.')
      }
      scope.record({
        resource: { kind: 'replay', id: replayId, name: row.changes[0]?.name ?? 'replay' },
        detail: { done: row.done, total: row.total },
      })
      return replayDetail(scope, replayId)
    },
  }
}
