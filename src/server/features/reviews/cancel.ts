import type { InputOf } from '../../../contract/index.ts'
import { invalidField, problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { demandUnchanged, personOf, resourceOf, theReviewHeld } from './standing.ts'
import type { ReviewRow } from './store.ts'

/** Why a review cannot be cancelled now; nothing when it can. */
export const whyNotCancelled = ({ state }: Pick<ReviewRow, 'state'>): string | undefined =>
  ({
    running: undefined,
    applying: 'It was signed off: what is to go is being ended. It cannot be cancelled any more.',
    closed: 'It is closed: what came of it is evidence. It cannot be cancelled any more.',
    cancelled: 'It was cancelled already.',
  })[state]

/**
 * Ends the answering without anything being ended: lines and answers stay as they are, to be read. It waits for whoever
 * signs off at this moment, and they for it: one of the two is done.
 */
export async function cancelReview(
  scope: Scope,
  { reviewId, reason, endSeries }: InputOf<'reviews.cancel'>,
): Promise<void> {
  const { db, now } = scope
  if (reason.trim() === '') throw invalidField('reason', 'must say why')
  const row = await theReviewHeld(scope, reviewId)
  const blocked = whyNotCancelled(row)
  if (blocked) throw problem('conflict', blocked)
  demandUnchanged(scope, row)
  await db
    .updateTable('review')
    .set({
      state: 'cancelled',
      cancelledBy: personOf(scope),
      cancelledAt: now,
      cancelReason: reason.trim(),
      ...(endSeries && { nextAt: null }),
      version: row.version + 1,
    })
    .where('id', '=', reviewId)
    .execute()
  const { kind, name } = resourceOf(row)
  scope.record({
    resource: { kind, id: reviewId, name },
    before: { state: 'running' },
    after: { state: 'cancelled', reason: reason.trim(), lines: row.lines, answered: row.answered },
    detail: { root: row.root, ...(row.nextAt && { nextOfSeries: !endSeries }) },
  })
}
