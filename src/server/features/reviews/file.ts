import type { InputOf } from '../../../contract/index.ts'
import type { ListFile } from '../../http/list-file.ts'
import { cellsOf, closedLine, head } from './evidence.ts'
import { reviewOnPaper } from './paper.ts'
import { reviewResource } from './service.ts'
import { personOf } from './standing.ts'
import { findReview, listLines, type LineRow, type ReviewRow } from './store.ts'

export type ReviewFileQuery = Omit<InputOf<'reviews.lines'>, 'cursor' | 'limit'>

export interface ReviewFileRow {
  readonly review: ReviewRow
  readonly line: LineRow
}

/** The lines of one review with what was answered and what came of it, as its direct export has them. */
export const reviewsFile: ListFile<ReviewFileQuery, ReviewFileRow> = {
  may: 'review:view',
  on: (db, { reviewId }) => reviewResource(db, reviewId),
  async total({ db, actor }, { reviewId, mine, answer }) {
    if (mine || answer) return undefined
    return (await findReview(db, reviewId, personOf({ actor })))?.lines
  },
  async rows({ db, actor }, { reviewId, mine, answer }, { limit, after }) {
    const personId = personOf({ actor })
    const review = await findReview(db, reviewId, personId)
    if (!review) return []
    const lines = await listLines(db, reviewId, {
      limit: limit - 1,
      answer,
      ...(mine && { of: personId }),
      ...(after && { after: Number(after[0]) }),
    })
    return lines.map((line) => ({ review, line }))
  },
  place: ({ line }) => [String(line.number)],
  head,
  cells: ({ review, line }) => cellsOf(review, line),
  /** What the last root of a review is over: who has every line computes it again. */
  line: ({ line }) => closedLine(line),
  paper: reviewOnPaper,
}
