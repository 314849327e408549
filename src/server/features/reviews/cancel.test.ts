import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inTransaction } from '../../db/transaction.ts'
import { openReviews, type Reviews } from '../../testing/reviews.ts'
import type { WorldPerson } from '../../testing/world.ts'
import { keepReviewsTime } from './service.ts'

let on: Reviews
beforeAll(async () => {
  on = await openReviews()
})
afterAll(() => on.world.close())

const why = { reason: 'It was begun for the wrong team' }

test('a review that is cancelled ends nothing, waits for nobody, and stays to be read', async () => {
  const { ada, lin, max, world } = on
  const review = await on.start(ada, { remindDays: 5 })
  const at = { reviewId: review.id }
  expect(review).toMatchObject({ mayCancel: true })
  await on.answerAll(review, [lin], () => 'revoke')
  const before = await on.lines(ada, review)
  const waits = async (who: WorldPerson) =>
    (await who.call('inbox.view', {})).items.some(({ id }) => id === review.id)
  expect(await waits(max)).toBe(true)
  const cancelled = await ada.call('reviews.cancel', { ...at, ...why }, review)
  expect(cancelled).toMatchObject({
    state: 'cancelled',
    cancelledBy: { id: ada.id },
    cancelReason: why.reason,
    mayCancel: false,
    maySignOff: false,
    mine: 0,
    version: review.version + 1,
  })
  expect(cancelled.signedBy).toBeUndefined()
  expect(await world.lastEvent()).toMatchObject({
    action: 'reviews.cancel',
    actor: { kind: 'person', id: ada.id },
    resource: { kind: 'review', id: review.id },
    before: { state: 'running' },
    after: { state: 'cancelled', reason: why.reason },
    detail: { root: review.root },
  })
  await world.app.reviews.settled()
  // Nothing was ended, and nobody is asked.
  for (const { grantId } of before) {
    expect(await ada.call('grants.view', { grantId })).toMatchObject({ state: 'live' })
  }
  for (const who of [lin, max, ada]) {
    expect(await waits(who)).toBe(false)
  }
  await on.days(6)
  await keepReviewsTime(world.app.db)
  expect(await on.actionsOf(review)).not.toContain('reviews.remind')
  // Its lines and evidence are read as before; of its answers none is changed, by nobody.
  const after = await on.lines(ada, review)
  expect(after.map(({ id, decision }) => [id, decision])).toEqual(
    before.map(({ id, decision }) => [id, decision]),
  )
  expect(after.some(({ mayDecide, mayUndo }) => mayDecide || mayUndo)).toBe(false)
  const { body } = await ada.send(`/api/v1/reviews/${review.id}/export`)
  expect(body).toContain('Canceled')
  const [line] = await on.lines(lin, review)
  if (!line) throw new Error('no line')
  await expect(on.answer(lin, review, line, 'keep')).rejects.toMatchObject({
    code: 'conflict',
    message: 'The review was cancelled. Its answers stand.',
  })
  await expect(ada.call('reviews.signOff', at, cancelled)).rejects.toMatchObject({
    code: 'conflict',
    message: 'It was cancelled: nothing is to be carried out.',
  })
  await expect(ada.call('reviews.cancel', { ...at, ...why }, cancelled)).rejects.toMatchObject({
    code: 'conflict',
    message: 'It was cancelled already.',
  })
  for (const change of [
    sql`update review_answer set justification = 'x' where review_id = ${review.id}`,
    sql`update review set state = 'running', cancelled_by = null, cancelled_at = null, cancel_reason = null
      where id = ${review.id}`,
  ]) {
    const write = inTransaction(
      world.app.db,
      { readOnly: false },
      async (db) => void (await change.execute(db)),
    )
    await expect(write).rejects.toMatchObject({ code: 'ZT002' })
  }
  const { items } = await ada.call('reviews.list', { state: 'cancelled' })
  expect(items.map(({ id }) => id)).toEqual([review.id])
})

test('it takes a reason, the version that was looked at, and the permission to run reviews', async () => {
  const { ada, sam, lin } = on
  const review = await on.start(ada)
  const at = { reviewId: review.id }
  const { version } = review
  for (const reason of ['', '   ']) {
    await expect(ada.call('reviews.cancel', { ...at, reason }, review)).rejects.toMatchObject({
      code: 'invalid_input',
      problem: { fields: [{ path: 'reason' }] },
    })
  }
  await expect(ada.call('reviews.cancel', { ...at, ...why })).rejects.toMatchObject({
    code: 'version_required',
  })
  await expect(
    ada.call('reviews.cancel', { ...at, ...why }, { version: version + 1 }),
  ).rejects.toMatchObject({ code: 'stale' })
  // Lin reviews its lines and runs reviews in Production alone; Sam is only looked at.
  await expect(lin.call('reviews.cancel', { ...at, ...why }, review)).rejects.toMatchObject({
    status: expect.toSatisfy((status) => status === 403 || status === 404),
  })
  await expect(sam.call('reviews.cancel', { ...at, ...why }, review)).rejects.toMatchObject({
    status: 404,
  })
  expect(await on.view(lin, review)).toMatchObject({ state: 'running', mayCancel: false })
})

test('of a sign-off and a cancelling at once one is done, and the other is told', async () => {
  const { ada, ben, lin, max, world } = on
  const ends = new Set<string>()
  for (let turn = 0; turn < 6; turn += 1) {
    const review = await on.start(ada)
    await on.answerAll(review, [lin, max], () => 'keep')
    const at = { reviewId: review.id }
    const both = [
      () => ada.call('reviews.signOff', at, review),
      () => ben.call('reviews.cancel', { ...at, ...why }, review),
    ]
    const [signed, cancelled] = turn % 2 ? both.toReversed() : both
    const sent = await Promise.allSettled([signed?.(), cancelled?.()])
    expect(sent.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await world.app.reviews.settled()
    const { state, cancelledBy, signedBy } = await on.view(ada, review)
    ends.add(state)
    expect([state, Boolean(cancelledBy), Boolean(signedBy)]).toEqual(
      state === 'cancelled' ? ['cancelled', true, false] : ['closed', false, true],
    )
    const done = (await on.actionsOf(review)).filter((action) =>
      ['reviews.close', 'reviews.cancel'].includes(action),
    )
    expect(done).toContain(state === 'cancelled' ? 'reviews.cancel' : 'reviews.close')
  }
  expect([...ends].every((state) => state === 'cancelled' || state === 'closed')).toBe(true)
})

test('one that is signed off is cancelled no more, and says why', async () => {
  const { ada, lin, max } = on
  const review = await on.start(ada)
  await on.answerAll(review, [lin, max], () => 'keep')
  const at = { reviewId: review.id }
  const signing = await ada.call('reviews.signOff', at, review)
  expect(signing).toMatchObject({ mayCancel: false })
  await expect(ada.call('reviews.cancel', { ...at, ...why }, signing)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(/^It (was signed off|is closed): .*cannot be cancelled/),
  })
  await on.world.app.reviews.settled()
})

test('the next of a series begins all the same, unless the series ends with it', async () => {
  const { ada, world } = on
  for (const endSeries of [false, true]) {
    const review = await on.start(ada, { name: `Series ${endSeries}`, everyDays: 30 })
    await ada.call('reviews.cancel', { reviewId: review.id, ...why, endSeries }, review)
    await on.days(31)
    await keepReviewsTime(world.app.db)
    const { items } = await ada.call('reviews.list', { limit: 200 })
    const states = items.filter(({ name }) => name === review.name).map(({ state }) => state)
    expect(states).toEqual(endSeries ? ['cancelled'] : ['running', 'cancelled'])
  }
})
