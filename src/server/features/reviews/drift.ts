import type { AnswerOf } from '../../../contract/index.ts'
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
  return undefined
}

const mostExamples = 20

/** What differs between the frozen lines and the access as it is: the lines stay as they were, and their root with them. */
export async function driftOf(
  db: Db,
  review: ReviewRow,
  now: Date,
): Promise<AnswerOf<'reviews.drift'>> {
  const { scopeKind, scopeId, privileged, unusedDays } = review
  const scope = { kind: scopeKind, id: scopeId, privileged, unusedDays }
  const present = await holdingsIn(db, scope, now)
  const then = await db
    .selectFrom('reviewLine as l')
    .innerJoin('reviewAnswer as a', 'a.lineId', 'l.id')
    .select(['l.grantId', 'l.personId', 'l.snapshot', 'a.result'])
    .where('l.reviewId', '=', review.id)
    .orderBy('l.number')
    .execute()
  const key = (row: { readonly grantId: string; readonly personId: string }) =>
    `${row.grantId} ${row.personId}`
  const [are, were] = [new Set(present.map(key)), new Set(then.map(key))]
  const gone = then.filter((row) => row.result !== 'applied' && !are.has(key(row)))
  const added = present.filter((row) => !were.has(key(row)))
  const examples = [
    ...gone.map(
      ({ snapshot }) =>
        `${snapshot.person.name} has ${snapshot.role.name} in ${snapshot.scope.name} no more.`,
    ),
    ...added.map(
      (row) =>
        `${row.personName} has ${row.roleName} in ${row.scopeName ?? 'the organization'} since.`,
    ),
  ]
  return { gone: gone.length, added: added.length, examples: examples.slice(0, mostExamples) }
}
