import type { AnswerOf } from '../../../contract/index.ts'
import type { LineThen } from '../../../contract/reviews.ts'
import type { Db } from '../../db/connect.ts'
import { holdingsIn } from './holdings.ts'
import type { LineRow, ReviewRow } from './store.ts'

/** What has become of a line's access without this review; nothing where it is as it was. */
export function driftSaid(row: LineRow, now: Date): string | undefined {
  const { snapshot, result } = row
  if (result === 'applied') return undefined
  if (row.grantEndedAt) return 'The grant has ended since.'
  if (row.grantExpiresAt && row.grantExpiresAt <= now) return 'The grant has expired since.'
  if (row.outOfTeam) return `${snapshot.person.name} is in ${snapshot.via.name} no more.`
  return row.leftSince ? leftSaid(row) : undefined
}

const leftSaid = ({ snapshot }: Pick<LineRow, 'snapshot'>) =>
  `${snapshot.person.name} has left since.`

/** Whoever has left needs nothing, whatever was recommended while they were here: as long as it can be answered. */
export const recommendedNow = (
  { state }: Pick<ReviewRow, 'state'>,
  row: Pick<LineRow, 'leftSince' | 'snapshot'>,
): LineThen['recommendation'] | undefined =>
  state === 'running' && row.leftSince ? { decision: 'revoke', because: leftSaid(row) } : undefined

const mostExamples = 20
const held = ({ snapshot: { role, scope } }: Pick<LineRow, 'snapshot'>) =>
  `${role.name} in ${scope.name}`

/** What differs between the frozen lines and the access as it is: the lines stay as they were, and their root with them. */
export async function driftOf(
  db: Db,
  review: ReviewRow,
  now: Date,
): Promise<AnswerOf<'reviews.drift'>> {
  const { scopeKind, scopeId, privileged, unusedDays } = review
  const scope = { kind: scopeKind, id: scopeId, privileged, unusedDays: null }
  const present = await holdingsIn(db, scope, now)
  // What was used since is there as before; what was not is looked at anew only where it would be a line.
  const lines = unusedDays === null ? present : await holdingsIn(db, { ...scope, unusedDays }, now)
  const then = await db
    .selectFrom('reviewLine as l')
    .innerJoin('reviewAnswer as a', 'a.lineId', 'l.id')
    .select(['l.grantId', 'l.personId', 'l.snapshot', 'a.result'])
    .where('l.reviewId', '=', review.id)
    .orderBy('l.number')
    .execute()
  const key = (row: { readonly grantId: string; readonly personId: string }) =>
    `${row.grantId} ${row.personId}`
  const are = new Map(present.map((row) => [key(row), row]))
  const were = new Set(then.map(key))
  const gone = then.filter((row) => row.result !== 'applied' && !are.has(key(row)))
  const added = lines.filter((row) => !were.has(key(row)))
  const left = then.filter((row) => {
    const leftAt = are.get(key(row))?.leftAt
    return leftAt && leftAt > review.startedAt
  })
  const examples = [
    ...left.map((row) => `${leftSaid(row).slice(0, -1)} and has ${held(row)} still.`),
    ...gone.map((row) => `${row.snapshot.person.name} has ${held(row)} no more.`),
    ...added.map(
      (row) =>
        `${row.personName} has ${row.roleName} in ${row.scopeName ?? 'the organization'} since.`,
    ),
  ]
  return {
    gone: gone.length,
    added: added.length,
    left: left.length,
    examples: examples.slice(0, mostExamples),
  }
}
