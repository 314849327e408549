import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ReviewDetail, ReviewLine } from '../../../contract/reviews.ts'
import { below } from '../../testing/below.ts'
import { openReviews, type Reviews } from '../../testing/reviews.ts'

let on: Reviews
beforeAll(async () => {
  on = await openReviews()
})
afterAll(() => on.world.close())

const began = Date.parse('2026-03-02T09:00:00Z')
const after = (seconds: number) => new Date(began + seconds * 1_000)

/** As if the lines had been answered then: each so many seconds after the first. */
const answeredAt = (at: readonly (readonly [ReviewLine | undefined, number])[]) =>
  below(on.world, async (db) => {
    for (const [line, seconds] of at) {
      await db
        .updateTable('reviewAnswer')
        .set({ decidedAt: after(seconds) })
        .where('lineId', '=', line?.id ?? '')
        .execute()
    }
  })

test('how fast lines were answered, how many at once, and against what was recommended', async () => {
  const { ada, ben, sam, world } = on
  // What Sam uses is recommended to be kept.
  await sam.call('projects.list', {})
  const used = world.app.db.selectFrom('grantUsedBy').select('uses')
  await expect
    .poll(() => used.where('personId', '=', sam.id).execute())
    .toEqual([{ uses: expect.anything() }])
  for (const name of ['kim', 'pat', 'ray', 'una']) {
    await world.grant(await world.as(name), 'developer')
  }
  const review: ReviewDetail = await on.start(ada, {
    scope: { kind: 'organization' },
    reviewers: 'named',
    people: [ada.id],
    fallback: [ada.id, ben.id],
  })
  const diligence = () => ada.call('reviews.diligence', { reviewId: review.id })
  expect(await diligence()).toEqual({ reviewers: [], byRule: 0 })

  // What is recommended to be kept comes first: to revoke it is not as recommended.
  const kept = ({ recommendation }: ReviewLine) => (recommendation.decision === 'keep' ? 0 : 1)
  const mine = (await on.lines(ada, review))
    .filter(({ mayDecide }) => mayDecide)
    .toSorted((one, other) => kept(one) - kept(other))
  expect(mine.length).toBeGreaterThan(5)
  const [first, second, third, fourth, ...rest] = mine
  for (const line of [first, second, third, fourth]) {
    if (line) await on.answer(ada, review, line, line === first ? 'revoke' : 'keep')
  }
  await ada.call('reviews.decideMany', {
    reviewId: review.id,
    lines: rest.map(({ id: lineId, version }) => ({ lineId, version })),
    decision: 'keep',
    justification: 'They all work here',
  })
  // The third after a pause that tells nothing; the others one moment after it.
  await answeredAt([
    [first, 0],
    [second, 4],
    [third, 4 + 601],
    [fourth, 4 + 601 + 9],
    ...rest.map((line) => [line, 900] as const),
  ])
  const against = mine.filter(
    (line) =>
      line.recommendation.decision !== 'none' &&
      line.recommendation.decision !== (line === first ? 'revoke' : 'keep'),
  ).length
  expect(against).toBeGreaterThan(0)
  expect(await diligence()).toEqual({
    byRule: 0,
    reviewers: [
      {
        reviewer: { id: ada.id, name: 'Ada' },
        lines: mine.length,
        atOnce: rest.length,
        medianSeconds: 6.5,
        revoked: 1,
        against,
        justified: rest.length,
        firstAt: after(0).toISOString(),
        lastAt: after(900).toISOString(),
      },
    ],
  })

  // What was taken back was not answered, and what nobody answered is nobody's.
  const again = (await on.lines(ada, review)).find(({ id }) => id === fourth?.id)
  if (!again) throw new Error('no line')
  await ada.call('reviews.undo', { reviewId: review.id, lineId: again.id }, again)
  const [one] = (await diligence()).reviewers
  expect(one).toMatchObject({ lines: mine.length - 1, medianSeconds: 4 })
  await on.days(8)
  await on.closeDue()
  const closed = await diligence()
  expect(closed.byRule).toBe(review.lines - (mine.length - 1))
  expect(closed.reviewers).toEqual([one])
})

test('only whoever may see the whole review is told how others did it', async () => {
  const { ada, lin, sam } = on
  const review = await on.start(ada)
  const asks = (who: typeof sam) => who.call('reviews.diligence', { reviewId: review.id })
  expect(await asks(ada)).toEqual({ reviewers: [], byRule: 0 })
  // Lin answers her part of it, and sees no more than that.
  expect((await on.view(lin, review)).whole).toBe(false)
  for (const who of [lin, sam]) await expect(asks(who)).rejects.toMatchObject({ status: 404 })
})
