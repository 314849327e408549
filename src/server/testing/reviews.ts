import { sql } from 'kysely'
import type { CallOf } from '../../contract/index.ts'
import type { ReviewDecision, ReviewDetail, ReviewLine } from '../../contract/reviews.ts'
import { inTransaction } from '../db/transaction.ts'
import { keepReviewsTime } from '../features/reviews/service.ts'
import { emit } from '../ledger/emit.ts'
import { openRequests } from './requests.ts'
import type { WorldPerson } from './world.ts'

type Starting = Partial<CallOf<'reviews.create'>>
interface Known {
  readonly id: string
}

/** Payments with two leads and Sam, another team, two security admins; and what reviews are done with. */
export async function openReviews() {
  const on = await openRequests()
  const { world, ada, ben, payments } = on
  const start = (who: WorldPerson, starting: Starting = {}) =>
    who.call('reviews.create', {
      name: 'Payments, every quarter',
      scope: { kind: 'team', scopeId: payments.id },
      reviewers: 'leads',
      fallback: [ada.id, ben.id],
      dueAt: new Date(Date.now() + 7 * 86_400_000).toISOString(),
      ...starting,
    })
  const view = (who: WorldPerson, { id }: Known) => who.call('reviews.view', { reviewId: id })
  const lines = async (who: WorldPerson, { id }: Known, more: object = {}) =>
    (await who.call('reviews.lines', { reviewId: id, limit: 200, ...more })).items
  const answer = (
    who: WorldPerson,
    review: Known,
    line: ReviewLine,
    decision: ReviewDecision,
    justification = '',
  ) =>
    who.call(
      'reviews.decide',
      { reviewId: review.id, lineId: line.id, decision, justification },
      line,
    )
  /** Everybody answers what is theirs, in the order given; what is left over stays open. */
  const answerAll = async (
    review: Known,
    people: readonly WorldPerson[],
    say: (line: ReviewLine) => ReviewDecision,
  ) => {
    for (const who of people) {
      for (const line of await lines(who, review, { mine: 'true' })) {
        if (line.mayDecide && !line.decision) await answer(who, review, line, say(line))
      }
    }
  }
  const signOff = async (who: WorldPerson, review: Known) => {
    const { version } = await view(who, review)
    await who.call('reviews.signOff', { reviewId: review.id }, { version })
    await world.app.reviews.settled()
    return view(who, review)
  }
  /** Turns the clock, as far as reviews are concerned. */
  const days = (count: number) =>
    inTransaction(world.app.db, { readOnly: false }, async (db, transaction) => {
      const by = sql`interval '1 day' * ${count}::int`
      await sql`update review set due_at = due_at - ${by}, started_at = started_at - ${by}
        where state = 'running'`.execute(db)
      await sql`update review set next_at = next_at - ${by} where next_at is not null`.execute(db)
      emit(transaction, {
        actor: { kind: 'system', id: 'test', name: 'test' },
        action: 'test.later',
        outcome: 'permitted',
      })
    })
  /** What is due ends, and what is to go with it. */
  const closeDue = async () => {
    await keepReviewsTime(world.app.db)
    await world.app.reviews.settled()
  }
  const actionsOf = async ({ id }: Known) =>
    (await world.events()).filter(({ resource }) => resource?.id === id).map(({ action }) => action)
  return { ...on, start, view, lines, answer, answerAll, signOff, days, closeDue, actionsOf }
}
export type Reviews = Awaited<ReturnType<typeof openReviews>>

export const named = (review: Pick<ReviewDetail, 'id'>, line: Pick<ReviewLine, 'id'>) => ({
  reviewId: review.id,
  lineId: line.id,
})
