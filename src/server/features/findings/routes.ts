import { weights, type FindingState, type Severity } from '../../../contract/findings.ts'
import { fromCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers } from '../../http/scope.ts'
import { catalogue, detectionOf } from './catalogue.ts'
import { accept, knownTo, mute, muteMany, reopen, rowAnswer, theFinding } from './service.ts'
import { countFindings, listFindings, looks, recordedSince } from './store.ts'

const severities = Object.keys(weights) as Severity[]
const severityOf = (weight: number) => severities.find((one) => weights[one] === weight) ?? 'low'
const states: Readonly<Record<FindingState, string>> = {
  open: 'Open',
  muted: 'Muted',
  accepted: 'Accepted',
  resolved: 'Resolved',
}
const titles: Readonly<Record<Severity, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
}

type Counted = Awaited<ReturnType<typeof countFindings>>
const total = (rows: Counted) => rows.reduce((sum, { count }) => sum + count, 0)

export const findingHandlers: Handlers<'findings'> = {
  async list(scope, { cursor, limit, ...filters }) {
    const after = fromCursor(cursor, 'number', 'moment', 'id')
    const rows = await listFindings(scope.db, knownTo(scope), filters, {
      limit,
      ...(filters.severity && { weight: weights[filters.severity] }),
      ...(after && { after }),
    })
    const { shown, next } = pageOf(rows, limit, ({ weight, openedAt, id }) => [
      weight,
      openedAt.toISOString(),
      id,
    ])
    return { items: shown.map((row) => rowAnswer(scope, row)), ...next }
  },
  async facets(scope, filters) {
    const rows = await countFindings(scope.db, knownTo(scope), filters)
    const { state, severity, detection } = filters
    // Each facet is counted under the filters of the others.
    const under = (but: 'state' | 'severity' | 'detection') =>
      rows.filter(
        (row) =>
          (but === 'state' || state === 'any' || row.state === state) &&
          (but === 'severity' || !severity || row.weight === weights[severity]) &&
          (but === 'detection' || !detection || row.detection === detection),
      )
    const bySeverity = Map.groupBy(under('severity'), ({ weight }) => severityOf(weight))
    const byState = Map.groupBy(under('state'), (row) => row.state)
    const byDetection = Map.groupBy(under('detection'), (row) => row.detection)
    return {
      severity: severities.map((value) => ({
        value,
        label: titles[value],
        count: total(bySeverity.get(value) ?? []),
      })),
      state: (Object.keys(states) as FindingState[]).map((value) => ({
        value,
        label: states[value],
        count: total(byState.get(value) ?? []),
      })),
      detection: [...byDetection]
        .map(([value, some]) => ({
          value,
          label: detectionOf(value)?.title ?? value,
          count: total(some),
        }))
        .toSorted((one, other) => other.count - one.count || one.label.localeCompare(other.label)),
    }
  },
  async detections(scope) {
    const rows = await countFindings(scope.db, knownTo(scope), { state: 'open' })
    const seen = new Map((await looks(scope.db)).map((look) => [look.detection, look]))
    const open = rows.filter(({ state }) => state === 'open')
    const since = (await recordedSince(scope.db)) ?? scope.now
    const silentUntil = (days: number) => {
      const until = new Date(since.getTime() + days * 86_400_000)
      return until > scope.now ? until : null
    }
    return {
      items: catalogue.map(
        ({ id, title, why, severity, cicdRisk, controls, recordedDays = 0 }) => ({
          id,
          title,
          why,
          severity,
          cicdRisk,
          controls: [...controls],
          open: total(open.filter(({ detection }) => detection === id)),
          lookedAt: seen.get(id)?.at ?? null,
          fault: seen.get(id)?.fault ?? null,
          silentUntil: silentUntil(recordedDays),
        }),
      ),
    }
  },
  view: (scope, { findingId }) => theFinding(scope, findingId),
  mute,
  accept,
  reopen,
  muteMany,
}
