import { reachDays, reachRows } from '../../../contract/reach-limits.ts'
import type { AnswerOf } from '../../../contract/index.ts'
import type { ContextSeen } from './store.ts'

export type Radius = AnswerOf<'reach.ofProject'>
export type Reached = Radius['contexts'][number]

export const since = (now: Date): Date => new Date(now.getTime() - reachDays * 86_400_000)

export const placeOf = ({ segmentId, segmentName, tier }: ContextSeen): Reached['segment'] =>
  segmentId && segmentName && tier ? { id: segmentId, name: segmentName, tier } : null

const tiers = ['production', 'staging', 'build', 'sandbox']
const harm = ({ segment }: Reached) => (segment ? tiers.indexOf(segment.tier) : tiers.length)

/** The contexts in the order of what they would cost, with their sums; all are counted, the first are listed. */
export function radiusOf(reached: readonly Reached[]): Radius {
  const entitled = reached.filter(({ ways }) => ways.length > 0)
  const sum = (of: readonly Reached[]) => of.reduce((all, { secrets }) => all + secrets, 0)
  const segments = [...Map.groupBy(entitled, ({ segment }) => segment?.id ?? '').values()]
  const sorted = reached.toSorted(
    (one, other) =>
      harm(one) - harm(other) ||
      other.secrets - one.secrets ||
      one.context.name.localeCompare(other.context.name),
  )
  return {
    days: reachDays,
    contexts: sorted.slice(0, reachRows),
    more: sorted.length > reachRows,
    totals: {
      contexts: entitled.length,
      secrets: sum(entitled),
      production: entitled.filter(({ segment }) => segment?.tier === 'production').length,
      unused: entitled.filter(({ used }) => used === 0).length,
      former: reached.length - entitled.length,
    },
    segments: segments
      .toSorted((one, other) => harm(one[0]!) - harm(other[0]!) || sum(other) - sum(one))
      .map((of) => ({ segment: of[0]!.segment, contexts: of.length, secrets: sum(of) })),
  }
}
