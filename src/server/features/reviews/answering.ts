import type { InputOf } from '../../../contract/index.ts'
import { invalidField, problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { personOf, resourceOf, seesWhole, theReview } from './standing.ts'
import { findLine, type LineRow, type ReviewRow } from './store.ts'

const noLine = () => problem('not_found', 'There is no such line.')

/** The review, running, and held so that it is not signed off at this moment. */
async function running(scope: Scope, reviewId: string): Promise<ReviewRow> {
  await scope.db
    .selectFrom('review')
    .select('id')
    .where('id', '=', reviewId)
    .forShare()
    .executeTakeFirst()
  const review = await theReview(scope, reviewId)
  if (review.state !== 'running') {
    const how = review.state === 'cancelled' ? 'cancelled' : 'signed off'
    throw problem('conflict', `The review was ${how}. Its answers stand.`)
  }
  return review
}

const takesPart = (personId: string, row: LineRow) =>
  row.reviewers.includes(personId) || row.decidedBy === personId

/** A line that the actor knows of; told apart is whether they may answer it. */
async function lineFor(scope: Scope, review: ReviewRow, lineId: string): Promise<LineRow> {
  const personId = personOf(scope)
  const row = await findLine(scope.db, review.id, lineId)
  if (!row || !(takesPart(personId, row) || seesWhole(scope, review))) throw noLine()
  if (row.personId === personId) throw problem('forbidden', 'Nobody reviews their own access.')
  if (!takesPart(personId, row)) {
    throw problem('forbidden', 'This line is for others to review.')
  }
  return row
}

/** What was looked at is what is answered (P45): who comes second sees what the first one said. */
function demandFresh(row: LineRow, version: number | undefined): void {
  if (row.version === version) return
  const said = row.decision === 'keep' ? 'kept' : 'revoked'
  const sentence = row.deciderName
    ? `${row.deciderName} ${said} it meanwhile. Look at it again.`
    : 'Somebody changed this line meanwhile. Look at it again.'
  throw problem('stale', sentence, {
    current: { version: row.version, decision: row.decision, decidedBy: row.deciderName },
  })
}

function demandOwn(scope: Scope, row: LineRow): void {
  if (row.decision === null || row.decidedBy === personOf(scope)) return
  throw problem('already_decided', `${row.deciderName ?? 'Somebody'} answered it already.`)
}

interface Change {
  readonly decision?: 'keep' | 'revoke' | null
  readonly justification?: string
  readonly decidedBy?: string | null
  readonly decidedAt?: Date | null
  readonly reviewers?: string[]
  readonly delegatedBy?: string
}

/** Writes it where nobody was faster. */
async function put(scope: Scope, row: LineRow, change: Change): Promise<void> {
  const { numUpdatedRows } = await scope.db
    .updateTable('reviewAnswer')
    .set({ ...change, version: row.version + 1 })
    .where('lineId', '=', row.lineId)
    .where('version', '=', row.version)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) return
  const now = await findLine(scope.db, row.reviewId, row.lineId)
  demandFresh(now ?? row, now ? row.version : undefined)
}

const about = ({ snapshot }: LineRow) => ({
  line: snapshot.number,
  person: snapshot.person.name,
  role: snapshot.role.name,
  scope: snapshot.scope.name,
  grant: snapshot.grantId,
})

const subjectOf = (review: ReviewRow) => {
  const { kind, id, name } = resourceOf(review)
  return { kind, id, name }
}

export async function decide(scope: Scope, input: InputOf<'reviews.decide'>): Promise<void> {
  const review = await running(scope, input.reviewId)
  const row = await lineFor(scope, review, input.lineId)
  demandFresh(row, scope.expectedVersion)
  demandOwn(scope, row)
  const { decision, justification } = input
  const by = { decidedBy: personOf(scope), decidedAt: scope.now }
  await put(scope, row, { decision, justification, ...by })
  scope.record({
    resource: subjectOf(review),
    before: { decision: row.decision },
    after: { decision, ...(justification && { justification }) },
    detail: about(row),
  })
}

export async function decideMany(
  scope: Scope,
  { reviewId, lines, decision, justification }: InputOf<'reviews.decideMany'>,
): Promise<number> {
  if (justification.trim() === '') throw invalidField('justification', 'must say why')
  const review = await running(scope, reviewId)
  const told: object[] = []
  const by = { decidedBy: personOf(scope), decidedAt: scope.now }
  // In one order, so that two who answer the same lines wait for each other instead of for nothing.
  const ordered = lines.toSorted((one, other) => (one.lineId < other.lineId ? -1 : 1))
  for (const { lineId, version } of ordered) {
    const row = await lineFor(scope, review, lineId)
    demandFresh(row, version)
    demandOwn(scope, row)
    await put(scope, row, { decision, justification, ...by })
    told.push(about(row))
  }
  scope.record({
    resource: subjectOf(review),
    after: { decision, justification },
    detail: { lines: told },
  })
  return lines.length
}

export async function undo(scope: Scope, input: InputOf<'reviews.undo'>): Promise<void> {
  const review = await running(scope, input.reviewId)
  const row = await lineFor(scope, review, input.lineId)
  demandFresh(row, scope.expectedVersion)
  if (row.decision === null) throw problem('conflict', 'This line was not answered yet.')
  demandOwn(scope, row)
  await put(scope, row, { decision: null, justification: '', decidedBy: null, decidedAt: null })
  scope.record({
    resource: subjectOf(review),
    before: { decision: row.decision },
    after: { decision: null },
    detail: about(row),
  })
}

export async function delegate(scope: Scope, input: InputOf<'reviews.delegate'>): Promise<void> {
  const { to, reason } = input
  const review = await running(scope, input.reviewId)
  const row = await lineFor(scope, review, input.lineId)
  demandFresh(row, scope.expectedVersion)
  if (row.decision !== null)
    throw problem('conflict', 'It was answered. Take the answer back first.')
  if (to === row.personId) throw invalidField('to', 'must not be whom the line is about')
  const person = await scope.db
    .selectFrom('person')
    .select(['name', 'state'])
    .where('id', '=', to)
    .executeTakeFirst()
  if (!person) throw problem('not_found', 'There is no such person.')
  if (person.state === 'left') throw problem('conflict', `${person.name} has left.`)
  await put(scope, row, { reviewers: [to], delegatedBy: personOf(scope) })
  scope.record({
    resource: subjectOf(review),
    after: { reviewer: person.name, ...(reason && { reason }) },
    detail: about(row),
  })
}
