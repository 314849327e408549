import type { Db } from '../../db/connect.ts'
import type { FileBody } from '../../http/download.ts'
import { csvOf } from '../../http/csv.ts'
import { sallyport } from '../../ledger/emit.ts'
import { recommendedNow } from './drift.ts'
import { rootOver } from './root.ts'
import { listLines, type LineRow, type ReviewRow } from './store.ts'

const slice = 1_000

/** Every line with its answer, in their order. */
export async function* linesOf(db: Db, reviewId: string): AsyncGenerator<LineRow[], void, void> {
  for (let after = 0; ;) {
    const rows = await listLines(db, reviewId, { after, limit: slice })
    const some = rows.slice(0, slice)
    yield some
    const last = some.at(-1)
    if (rows.length <= slice || !last) return
    after = last.number
  }
}

/** What the last root is over: the line as it stood at the start, what was answered, and what came of it. */
export const closedLine = (row: LineRow) => ({
  line: row.snapshot,
  decision: row.decision,
  justification: row.justification,
  decidedBy: row.decidedBy,
  decidedAt: row.decidedAt,
  byRule: row.byRule,
  result: row.result,
  resultSays: row.resultSays,
  appliedAt: row.appliedAt,
})

export async function finalRootOf(db: Db, reviewId: string): Promise<string> {
  const all: unknown[] = []
  for await (const some of linesOf(db, reviewId)) all.push(...some.map(closedLine))
  return rootOver(all)
}

/** Entra's columns of an access review's results, so that what reads those reads these. */
export const head =
  'AccessReviewId,AccessReviewSeriesId,ReviewType,ResourceDisplayName,ResourceId,ReviewName,CreatedDateTime,ReviewStartDate,ReviewEndDate,ReviewStatus,OwnerId,OwnerName,OwnerUPN,PrincipalId,PrincipalName,PrincipalUPN,PrincipalType,ReviewDate,ReviewResult,Justification,ReviewerId,ReviewerName,ReviewerUPN,ReviewerEmailAddress,AppliedByName,AppliedByUPN,AppliedByEmailAddress,AppliedDate,AccessRecommendation,SubmissionResult'.split(
    ',',
  )

const verdict = { keep: 'Approve', revoke: 'Deny', none: 'No Info' } as const
const moment = (at: Date | null) => at?.toISOString()

/** Who signed it off: where nobody did, it was due, or there was nothing to answer. */
export const signerOf = ({ signerName }: Pick<ReviewRow, 'signerName'>) =>
  signerName ?? sallyport.name

export function cellsOf(review: ReviewRow, row: LineRow) {
  const { snapshot, decision, result } = row
  const { person, role, scope, via, recommendation } = snapshot
  const by = via.kind === 'team' ? ` (by ${via.name})` : ''
  const carried = result === 'applied'
  const applied = carried ? [signerOf(review), review.signerEmail, review.signerEmail] : []
  const [appliedBy, appliedUpn, appliedMail] = applied.map((cell) => cell ?? undefined)
  // What is kept needs nothing done; that it was not lost is its being carried out.
  const kept = decision === 'keep' && review.state === 'closed'
  return [
    review.id,
    review.seriesId,
    review.scopeKind,
    `${role.name} in ${scope.name}${by}`,
    row.grantId,
    review.name,
    moment(review.startedAt),
    moment(review.startedAt),
    moment(review.closedAt ?? review.cancelledAt ?? review.dueAt),
    { running: 'InProgress', applying: 'Applying', closed: 'Applied', cancelled: 'Canceled' }[
      review.state
    ],
    review.startedBy,
    review.starterName,
    review.starterEmail,
    person.id,
    person.name,
    person.email,
    'user',
    moment(row.decidedAt),
    decision ? verdict[decision] : 'Not reviewed',
    row.resultSays ? `${row.justification} (${row.resultSays})`.trim() : row.justification,
    row.decidedBy ?? undefined,
    row.deciderName ?? undefined,
    row.deciderEmail ?? undefined,
    row.deciderEmail ?? undefined,
    appliedBy,
    appliedUpn,
    appliedMail,
    moment(row.appliedAt),
    verdict[(recommendedNow(review, row) ?? recommendation).decision],
    kept || carried || result === 'over' ? 'applied' : 'not applied',
  ]
}

export const asCsv = (review: ReviewRow): FileBody =>
  async function* csv(db) {
    yield csvOf([head])
    for await (const some of linesOf(db, review.id)) {
      yield csvOf(some.map((row) => cellsOf(review, row)))
    }
  }
