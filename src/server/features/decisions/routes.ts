import { problem } from '../../http/problem.ts'
import { fromMomentCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { decisionAnswer } from './answer.ts'
import { heatmap, timeline } from './over-time.ts'
import { decisionById, facetLimit, facetsOf, listDecisions, policyNames } from './store.ts'
import type { Reader } from './visible.ts'

const readerOf = (scope: Scope): Reader => ({
  actor: scope.actor,
  reach: scope.reach('decision:view'),
})

export const decisionHandlers: Handlers<'decisions'> = {
  async list(scope, { cursor, limit, ...filter }) {
    const after = fromMomentCursor(cursor)
    const rows = await listDecisions(scope.db, readerOf(scope), filter, limit + 1, after)
    const { shown, next } = pageOf(rows, limit, ({ place, id }) => [place, id])
    return { items: shown.map(decisionAnswer), ...next }
  },
  async facets(scope, filter) {
    const rows = await facetsOf(scope.db, readerOf(scope), filter)
    const of = (facet: (typeof rows)[number]['facet']) =>
      rows
        .filter((row) => row.facet === facet)
        .map(({ value, name, count }) => ({ value, name, count }))
    // Every decision has an outcome, so their counts add up to all of them.
    const total = of('outcome').reduce((sum, { count }) => sum + count, 0)
    return {
      outcome: of('outcome'),
      action: of('action'),
      actor: of('actor'),
      project: of('project'),
      context: of('context'),
      total: Math.min(total, facetLimit),
      more: total > facetLimit,
    }
  },
  timeline: (scope, filter) => timeline(scope, readerOf(scope), filter),
  heatmap: (scope, range) => heatmap(scope, readerOf(scope), range),
  async view(scope, { decisionId }) {
    const row = await decisionById(scope.db, readerOf(scope), decisionId)
    if (!row) throw problem('not_found', 'There is no such decision.')
    const names = await policyNames(
      scope.db,
      row.policies.map(({ id }) => id),
    )
    return {
      ...decisionAnswer(row),
      layers: row.layers,
      facts: row.facts,
      policies: row.policies.map((policy) => ({ ...policy, name: names.get(policy.id) ?? null })),
      latencyUs: row.latencyUs,
      eventId: row.eventId,
    }
  },
}
