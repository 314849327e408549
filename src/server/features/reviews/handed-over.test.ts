import { setTimeout as later } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { connect } from '../../db/connect.ts'
import { openReviews } from '../../testing/reviews.ts'
import { keepReviewsTime } from './service.ts'

test('what a reviewer who leaves has not answered falls to the fallback, once, and never to whom it is about', async () => {
  const on = await openReviews()
  await using world = on.world
  const { ada, ben, lin, max, sam } = on
  const going = await world.as('going')
  const review = await on.start(ada, {
    reviewers: 'named',
    people: [going.id],
    fallback: [lin.id, ben.id],
  })
  const reviewersNow = async () =>
    new Map(
      (await on.lines(ada, review)).map(({ person, reviewers }) => [
        person.id,
        reviewers.map(({ id }) => id),
      ]),
    )
  const answered = (await on.lines(going, review)).find(({ person }) => person.id === max.id)
  if (!answered) throw new Error('no line')
  await on.answer(going, review, answered, 'keep')
  await keepReviewsTime(world.app.db)
  expect((await reviewersNow()).get(sam.id)).toEqual([going.id])
  const { version } = await ada.call('people.view', { personId: going.id })
  await ada.call('people.update', { personId: going.id, state: 'left' }, { version })
  await using other = await world.another()
  // Whoever looks takes long over it: some find undone what another has done by the time that they may write.
  await using owner = connect(world.databaseUrl, { max: 1 })
  await sql`create policy slow on review using (pg_sleep(0.05)::text is not null)`.execute(owner)
  await sql`alter table review enable row level security`.execute(owner)
  const both = [world.app.db, other.db]
  await Promise.all(
    Array.from({ length: 30 }, async (_, nth) => {
      await later(nth * 20)
      await keepReviewsTime(both[nth % 2] ?? other.db)
    }),
  )
  await sql`alter table review disable row level security`.execute(owner)
  expect(await reviewersNow()).toEqual(
    new Map([
      [lin.id, [ben.id]],
      [max.id, [going.id]],
      [sam.id, [lin.id]],
    ]),
  )
  const told = (await world.events()).filter(
    ({ action, resource }) => action === 'reviews.delegate' && resource?.id === review.id,
  )
  expect(told).toHaveLength(1)
  expect(told[0]).toMatchObject({
    actor: { kind: 'system' },
    detail: {
      reason: 'Whoever was to answer has left.',
      reviewers: [
        { name: 'Ben', lines: 1 },
        { name: 'Lin', lines: 1 },
      ],
    },
  })
  await on.answerAll(review, [lin, ben], () => 'keep')
  expect(await on.view(ada, review)).toMatchObject({ answered: 3, maySignOff: true })
})
