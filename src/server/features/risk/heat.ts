import { weights, type Severity } from '../../../contract/findings.ts'
import type { AnswerOf } from '../../../contract/index.ts'
import type { Scope } from '../../http/scope.ts'
import { findingHeat, knownTo, lookedSince } from '../findings/service.ts'

const projectsShown = 40

const severities = Object.keys(weights) as Severity[]
export const severityOf = (weight: number): Severity =>
  severities.find((one) => weights[one] === weight) ?? 'low'

type Heat = Omit<AnswerOf<'risk.heat'>, 'from' | 'until' | 'at'>

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

/** Why nothing is known of a time: what nobody looked at was not found, which says nothing of whether it was there. */
function unknownAt(at: Date, since: Date | undefined): string | null {
  if (!since) return 'Nothing has been looked for yet.'
  if (since < at) return null
  return `Findings are looked for here since ${since.toISOString().slice(0, 10)}; of the time before nothing is known.`
}

/** What was open at a time, and how much of it was at an earlier one. */
export async function heatAt(scope: Scope, end: Date, before: Date): Promise<Heat> {
  const reach = knownTo(scope)
  const since = await lookedSince(scope.db)
  const unavailable = unknownAt(end, since)
  const beforeUnavailable = unknownAt(before, since)
  const rows = unavailable ? [] : await findingHeat(scope.db, reach, { end, before })
  const knownBefore = (count: number) => (beforeUnavailable ? null : count)
  const projects = [...Map.groupBy(rows, ({ projectId }) => projectId).values()]
    .map((some) => ({
      id: some[0]?.projectId ?? '',
      name: some[0]?.name ?? '',
      weight: sum(some.map(({ weight, count }) => (weight ?? 0) * count)),
    }))
    .toSorted((one, other) => other.weight - one.weight || one.name.localeCompare(other.name))
    .slice(0, projectsShown)
    .map(({ id, name }) => ({ id, name }))
  const shown = new Set(projects.map(({ id }) => id))
  return {
    unavailable,
    beforeUnavailable,
    projects,
    cells: rows
      .filter(({ projectId }) => shown.has(projectId))
      .map(({ projectId, risk, count, before: was, weight }) => ({
        project: projectId,
        risk,
        count,
        before: knownBefore(was),
        worst: weight === null ? null : severityOf(weight),
      })),
    others: sum(rows.filter(({ projectId }) => !shown.has(projectId)).map(({ count }) => count)),
    total: sum(rows.map(({ count }) => count)),
    totalBefore: knownBefore(sum(rows.map(({ before: was }) => was))),
  }
}
