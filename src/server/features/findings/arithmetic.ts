import { weights, type FindingSubject } from '../../../contract/findings.ts'
import type { Db } from '../../db/connect.ts'
import { catalogue } from './catalogue.ts'
import { daysBefore, organizationId, type Detection } from './detection.ts'
import { countsIn, type Counted, type PlaceKind } from './scored-objects.ts'
import { looks, recordedSince } from './store.ts'

/** Whose score it is. */
export type ScoredPlace =
  | { readonly kind: 'organization' }
  | { readonly kind: Exclude<PlaceKind, 'organization'>; readonly id: string }

/** By which its scores are kept. */
export const placeIdOf = (place: ScoredPlace): string =>
  place.kind === 'organization' ? organizationId : place.id

/** One line of the arithmetic. */
interface Line extends Counted {
  readonly detection: Detection
  readonly weight: number
  readonly lost: number
}

export interface Arithmetic {
  readonly score: number | undefined
  readonly weights: number
  readonly lines: readonly Line[]
  readonly without: readonly { readonly detection: Detection; readonly why: string }[]
}

/** Why a detection says nothing anywhere, by its id. */
export async function silences(db: Db, now: Date): Promise<ReadonlyMap<string, string>> {
  const seen = new Map((await looks(db)).map((look) => [look.detection, look]))
  const since = (await recordedSince(db)) ?? now
  const why = ({ id, recordedDays = 0 }: Detection) => {
    const look = seen.get(id)
    if (!look) return 'It was not looked for yet.'
    if (look.fault) return 'It could not be looked for at the last time.'
    return since > daysBefore(now, recordedDays) && recordedDays > 0
      ? `The record does not go back ${recordedDays} days yet.`
      : undefined
  }
  return new Map(
    catalogue.flatMap((detection) => {
      const told = why(detection)
      return told === undefined ? [] : [[detection.id, told] as const]
    }),
  )
}

const nothing: Counted = { objects: 0, affected: 0, untold: 0 }

/**
 * A weighted mean as OpenSSF Scorecard has it, of what is in order: each detection counts with its weight, and with the
 * share of its objects that nothing was found of. Muted findings do not count, accepted ones do: the risk is still there.
 * Of what nothing can be told, nothing counts: it is not in order because nobody looked.
 */
export function arithmeticOf(
  counts: ReadonlyMap<string, Counted>,
  silent: ReadonlyMap<string, string>,
  hidden: (kind: FindingSubject) => boolean = () => false,
): Arithmetic {
  const without: { detection: Detection; why: string }[] = []
  const counted = catalogue.flatMap((detection) => {
    const count = counts.get(detection.id) ?? nothing
    const why = hidden(detection.subject)
      ? 'You may not see what it is about.'
      : (silent.get(detection.id) ??
        (count.objects > 0
          ? undefined
          : count.untold > 0
            ? detection.tells?.otherwise
            : 'There is nothing that it could be found of.'))
    if (why === undefined) return [{ detection, weight: weights[detection.severity], ...count }]
    without.push({ detection, why })
    return []
  })
  const sum = counted.reduce((total, { weight }) => total + weight, 0)
  const lines = counted
    .map(({ detection, weight, objects, affected, untold }): Line => {
      const lost = (100 * weight * affected) / objects / sum
      return { detection, weight, objects, affected, untold, lost }
    })
    .toSorted((one, other) => other.lost - one.lost || other.weight - one.weight)
  const lost = lines.reduce((total, line) => total + line.lost, 0)
  return { score: sum === 0 ? undefined : Math.max(0, 100 - lost), weights: sum, lines, without }
}

/** To hundredths, as scores and what is lost of them are kept and told. */
export const rounded = (points: number): number => Math.round(points * 100) / 100

export async function scoreOf(
  db: Db,
  place: ScoredPlace,
  now: Date,
  hidden?: (kind: FindingSubject) => boolean,
): Promise<Arithmetic> {
  const id = placeIdOf(place)
  const counts = await countsIn(db, place.kind, now, id)
  return arithmeticOf(counts.get(id) ?? new Map(), await silences(db, now), hidden)
}
