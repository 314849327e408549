import {
  answerWord,
  diligenceSaid,
  pathSaid,
  recommended,
  reviewersSaid,
  scopeSaid,
  stateWords,
  unanswered,
} from '../../../contract/review-words.ts'
import { problem } from '../../http/problem.ts'
import { dash, moment, type OnPaper, type PaperCell } from '../../http/paper.ts'
import { diligenceOf } from './diligence.ts'
import { recommendedNow } from './drift.ts'
import { signerOf } from './evidence.ts'
import type { ReviewFileQuery, ReviewFileRow } from './file.ts'
import { personOf } from './standing.ts'
import { findReview, resultsOf, type LineRow, type ReviewRow } from './store.ts'

/** Whose part in it is told on paper, of whoever answered most. */
const mostReviewers = 20

const scopeOf = ({ scopeKind, scopeName, privileged, unusedDays }: ReviewRow) =>
  scopeSaid({
    scope: { kind: scopeKind, name: scopeName, privileged, ...(unusedDays && { unusedDays }) },
  })

function answerCell({ decision, result }: LineRow): PaperCell {
  const text = answerWord({ ...(decision && { decision }), ...(result && { result }) })
  return { text, tone: text === 'Open' ? 'dim' : text === 'Keep' ? 'good' : 'bad' }
}

/** A review to be read, signed and kept: what was asked, what was answered, what came of it, and its fingerprints. */
export const reviewOnPaper: OnPaper<ReviewFileQuery, ReviewFileRow> = {
  async head({ db, actor }, { reviewId }) {
    const review = await findReview(db, reviewId, personOf({ actor }))
    if (!review) throw problem('not_found', 'There is no such review.')
    const { applied, over, failed, waiting } = await resultsOf(db, reviewId)
    const { reviewers, byRule } = await diligenceOf(db, reviewId)
    const more = reviewers.length - mostReviewers
    const signed = review.signedAt
      ? [
          ['Signed off', `${moment(review.signedAt)} by ${signerOf(review)}`] as const,
          [
            'Came of it',
            `${applied} ended, ${over} over before, ${failed} not ended${waiting ? `, ${waiting} waiting` : ''}`,
          ] as const,
        ]
      : []
    return {
      title: `Access review: ${review.name}`,
      facts: [
        ['State', stateWords[review.state]],
        ['Reviewed', scopeOf(review)],
        ['Reviewers', reviewersSaid[review.reviewers]],
        ['Started', `${moment(review.startedAt)} by ${review.starterName}`],
        ['Due', moment(review.dueAt)],
        ['Without an answer', unanswered[review.withoutAnswer]],
        ['Answered', `${review.answered} of ${review.lines}${byRule ? `, ${byRule} by rule` : ''}`],
        ...reviewers
          .slice(0, mostReviewers)
          .map((work) => [work.reviewer.name, diligenceSaid(work)] as const),
        ...(more > 0
          ? [['', `and ${more} more reviewers, on the page of its evidence`] as const]
          : []),
        ...signed,
        ...(review.cancelledAt
          ? [
              [
                'Cancelled',
                `${moment(review.cancelledAt)} by ${review.cancellerName ?? 'nobody'}: ${review.cancelReason ?? ''}`,
              ] as const,
            ]
          : []),
        ...(review.closedAt ? [['Closed', moment(review.closedAt)] as const] : []),
        ['Root, lines at the start', review.root],
        [
          'Root, with answers',
          review.finalRoot ?? (review.cancelledAt ? 'none: it was cancelled' : 'once it is closed'),
        ],
        [
          '',
          'Merkle roots (RFC 6962) over the lines as RFC 8785 writes them; the second with their answers and results. The events of its start and end in the audit trail name them; its export as NDJSON has the lines from which they are computed again.',
        ],
      ],
    }
  },
  columns: [
    { title: 'Person', part: 23 },
    { title: 'Role', part: 9 },
    { title: 'Where', part: 11 },
    { title: 'By', part: 9 },
    { title: 'Last used', part: 9 },
    { title: 'Recommended', part: 20 },
    { title: 'Answer', part: 9 },
    { title: 'Reviewer', part: 11 },
    { title: 'Note', part: 20 },
  ],
  blocks({ review, line }, before) {
    const { person, role, scope, via, lastUsedAt, recommendation } = line.snapshot
    const same = before?.line.personId === line.personId
    const { decision, because } = recommendedNow(review, line) ?? recommendation
    const cells: readonly PaperCell[] = [
      same ? { text: person.name, tone: 'dim' } : `${person.name}\n${person.email}`,
      role.name,
      scope.name,
      pathSaid({ via }),
      lastUsedAt?.slice(0, 10) ?? 'never',
      `${recommended[decision]}: ${because}`,
      answerCell(line),
      line.byRule ? 'by rule' : (line.deciderName ?? dash),
      [line.justification, line.resultSays].filter(Boolean).join(' ') || dash,
    ]
    return [{ cells }]
  },
  none: 'No line of the review is as it was asked for.',
}
