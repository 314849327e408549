import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { below } from '../../testing/below.ts'
import { openReviews } from '../../testing/reviews.ts'
import type { WorldPerson } from '../../testing/world.ts'
import { keepReviewsTime } from './service.ts'

type On = Awaited<ReturnType<typeof openReviews>>

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
const seriesOf = async ({ ada }: On, { id }: { readonly id: string }) =>
  (await ada.call('reviews.list', { limit: 200 })).items.filter(({ seriesId }) => seriesId === id)
const leave = async ({ ada }: On, { id: personId }: WorldPerson) => {
  const { version } = await ada.call('people.view', { personId })
  await ada.call('people.update', { personId, state: 'left' }, { version })
}
/** A role of somebody's own, held by some. */
async function roleOf({ ada }: On, name: string, holders: readonly WorldPerson[]) {
  const role = await ada.call('roles.create', { name, permissions: ['project:view'] })
  for (const { id } of holders) {
    await ada.call('grants.create', {
      roleId: role.id,
      subject: { kind: 'person', id },
      scope: { kind: 'organization' },
      reason: 'For a while',
    })
  }
  return { kind: 'role', scopeId: role.id } as const
}

test('the next of a series holds what the one before it has left', async () => {
  const on = await openReviews()
  await using world = on.world
  const { ada, lin, max, sam } = on
  const monthly = { dueAt: inDays(30), everyDays: 30, withoutAnswer: 'revoke' } as const
  const scope = await roleOf(on, 'Passing', [lin, max, sam])
  const review = await on.start(ada, { scope, ...monthly })
  await on.days(30)
  await on.closeDue()
  expect(await on.view(ada, review)).toMatchObject({ state: 'closed' })
  await on.closeDue()
  // Each of the three was to go, and has gone.
  expect(await seriesOf(on, review)).toMatchObject([{ lines: 0 }, { lines: 3 }])
  expect((await on.actionsOf(review)).at(-1)).toBe('reviews.close')
  await world.app.ledger.settle()
})

test('a series that cannot go on keeps nothing else waiting, says so, and is tried again a day later', async () => {
  const on = await openReviews()
  await using world = on.world
  const { ada, lin, payments } = on
  const scope = await roleOf(on, 'Passing', [lin])
  const large = await on.start(ada, { scope, dueAt: inDays(20), everyDays: 30 })
  const other = await on.start(ada, { dueAt: inDays(31), everyDays: 90 })
  await on.days(20)
  await on.closeDue()
  await on.days(11)
  // All of a sudden more hold it than one review may have.
  await ada.call('grants.create', {
    roleId: scope.scopeId,
    subject: { kind: 'team', id: payments.id },
    scope: { kind: 'organization' },
    reason: 'Everybody',
  })
  await below(world, (db) =>
    sql`with everybody as (
        insert into person (id, email, name, source)
        select gen_random_uuid(), 'many-' || n || '@example.com', 'Many ' || n, 'import'
        from generate_series(1, 20001) n returning id)
      insert into team_member (team_id, person_id, source) select ${payments.id}, id, 'import' from everybody`.execute(
      db,
    ),
  )
  await on.closeDue()
  expect(await on.view(ada, other)).toMatchObject({ state: 'closed' })
  expect(await seriesOf(on, large)).toHaveLength(1)
  await world.app.ledger.settle()
  const failed = (await world.events()).filter(
    ({ action, outcome }) => action === 'reviews.create' && outcome === 'failed',
  )
  expect(failed).toMatchObject([
    {
      actor: { kind: 'system' },
      resource: { id: large.id },
      sentence: expect.stringContaining('more than 20000 lines'),
    },
  ])
  // Not again at the next look, and again a day later, when there is room.
  await below(world, (db) =>
    sql`delete from team_member m using person p where p.id = m.person_id and p.name like 'Many %'`.execute(
      db,
    ),
  )
  await on.closeDue()
  expect(await seriesOf(on, large)).toHaveLength(1)
  await on.days(1)
  await on.closeDue()
  expect(await seriesOf(on, large)).toHaveLength(2)
})

test('what somebody started who has left is carried on by the fallback, and no line is without a reviewer', async () => {
  const on = await openReviews()
  await using world = on.world
  const { ada, ben, lin, max } = on
  const scope = await roleOf(on, 'Passing', [ada, lin, max])
  const monthly = { dueAt: inDays(30), everyDays: 30, withoutAnswer: 'revoke' } as const
  const review = await on.start(ben, {
    scope,
    reviewers: 'named',
    people: [ben.id],
    fallback: [ada.id, ben.id],
    ...monthly,
  })
  await leave(on, ben)
  await keepReviewsTime(world.app.db)
  // Ada’s own line is nobody’s whom the review names: nobody else runs reviews here.
  const waits = await on.lines(ada, review)
  expect(waits.map(({ person, reviewers }) => [person.id, reviewers.map(({ id }) => id)])).toEqual(
    expect.arrayContaining([
      [lin.id, [ada.id]],
      [max.id, [ada.id]],
    ]),
  )
  await on.days(29)
  await keepReviewsTime(world.app.db)
  await on.days(1)
  await on.closeDue()
  const closed = await on.lines(ada, review)
  expect(closed.map(({ result }) => result)).toEqual(['applied', 'applied', 'applied'])
  await on.closeDue()
  const [next] = await seriesOf(on, review)
  expect(next).toMatchObject({ state: 'closed', startedBy: { id: ada.id } })
})

test('nobody is reminded of what is due already, and nobody who has left', async () => {
  const on = await openReviews()
  await using world = on.world
  const { ada, lin, max } = on
  const going = await world.as('going')
  const asked = { reviewers: 'named' as const, people: [going.id, lin.id], remindDays: 2 }
  const due = await on.start(ada, asked)
  await on.days(8)
  const soon = await on.start(ada, { ...asked, scope: await roleOf(on, 'Passing', [max]) })
  await leave(on, going)
  await on.closeDue()
  expect(await on.actionsOf(due)).not.toContain('reviews.remind')
  await below(world, (db) =>
    sql`update review set due_at = now() + interval '1 day' where id = ${soon.id}`.execute(db),
  )
  await on.closeDue()
  await world.app.ledger.settle()
  const told = (await world.events()).filter(({ action }) => action === 'reviews.remind')
  expect(told).toMatchObject([
    { resource: { id: soon.id }, detail: { reviewers: [{ name: 'Lin', open: 1 }] } },
  ])
})
