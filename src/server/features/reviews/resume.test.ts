import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { inTransaction } from '../../db/transaction.ts'
import { emit } from '../../ledger/emit.ts'
import { openReviews, type Reviews } from '../../testing/reviews.ts'
import { keepReviewsTime } from './service.ts'

const removals = 500

let on: Reviews
beforeAll(async () => {
  on = await openReviews()
})
afterAll(() => on.world.close())

/** A review that is due, of so many who hold a role in a segment, and what nobody answers is to go. */
async function dueOver(people: number) {
  const { ada, world } = on
  const segment = await ada.call('segments.create', { name: `Of ${people}`, tier: 'sandbox' })
  const role = await ada.call('roles.create', {
    name: `One of ${people}`,
    permissions: ['project:view'],
  })
  await crowd(people, role.id, segment)
  const review = await on.start(ada, {
    scope: { kind: 'role', scopeId: role.id },
    reviewers: 'named',
    people: [ada.id],
    withoutAnswer: 'revoke',
  })
  expect(review.lines).toBe(people)
  await on.days(8)
  await keepReviewsTime(world.app.db)
  return { segment, review }
}

async function crowd(
  length: number,
  roleId: string,
  segment: { id: string; name: string },
): Promise<void> {
  const people = Array.from({ length }, (_, at) => ({
    id: newId(),
    name: `Person ${at} of ${length}`,
    email: `person-${at}-of-${length}@meridian.example`,
    source: 'import' as const,
  }))
  await inTransaction(on.world.app.db, { readOnly: false }, async (db, transaction) => {
    await db.insertInto('person').values(people).execute()
    await db
      .insertInto('accessGrant')
      .values(
        people.map(({ id: personId }) => ({
          id: newId(),
          roleId,
          subjectKind: 'person' as const,
          personId,
          scopeKind: 'segment' as const,
          segmentId: segment.id,
          scopeName: segment.name,
        })),
      )
      .execute()
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'test' },
      action: 'test.crowd',
      outcome: 'permitted',
    })
  })
}

/** Breaks every connection to the database but its own: what was not committed is lost, as by a kill. */
async function cut(): Promise<void> {
  const db = connect(on.world.databaseUrl, { max: 1 })
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(db)
  await db.destroy()
}

test('stopped in the middle of 500 removals, the next server finishes: none twice, none lost', async () => {
  const { ada, world } = on
  const { segment, review } = await dueOver(removals)
  const watch = connect(world.databaseUrl, { max: 1 })
  const count = async () => {
    const { rows } = await sql<{ ended: number; applied: number }>`
        select (select count(*)::int from access_grant where segment_id = ${segment.id} and ended_at is not null) as ended,
          (select count(*)::int from review_answer where review_id = ${review.id} and result = 'applied') as applied`.execute(
      watch,
    )
    return rows[0] ?? { ended: 0, applied: 0 }
  }
  while ((await count()).applied < 100);
  await watch.destroy()
  await cut()
  await world.app.reviews.close()
  const after = connect(world.databaseUrl, { max: 1 })
  const { rows } = await sql<{ ended: number; applied: number }>`
      select (select count(*)::int from access_grant where segment_id = ${segment.id} and ended_at is not null) as ended,
        (select count(*)::int from review_answer where review_id = ${review.id} and result = 'applied') as applied`.execute(
    after,
  )
  await after.destroy()
  // Each was done whole or not at all, and the middle was hit.
  expect(rows[0]?.applied).toBe(rows[0]?.ended)
  expect(rows[0]?.applied).toBeLessThan(removals)
  // Two come back at once, and share it.
  const servers = await Promise.all([world.another(), world.another()])
  await Promise.all(servers.map(({ reviews }) => reviews.settled()))
  expect(await on.view(ada, review)).toMatchObject({
    state: 'closed',
    results: { waiting: 0, applied: removals, over: 0, failed: 0 },
  })
  await world.app.ledger.settle()
  const told = await world.app.db
    .selectFrom('auditEntry')
    .select(sql<string>`convert_from(leaf, 'UTF8')::jsonb->'resource'->>'id'`.as('grant'))
    .where(sql<boolean>`convert_from(leaf, 'UTF8')::jsonb->>'action' = 'grants.revoke'`)
    .execute()
  expect(told).toHaveLength(removals)
  expect(new Set(told.map(({ grant }) => grant)).size).toBe(removals)
  expect((await on.actionsOf(review)).filter((one) => one === 'reviews.close')).toHaveLength(1)
  await Promise.all(servers.map((server) => server.close()))
})

test('three thousand that are to go are signed off within what a statement may take', async () => {
  // Nobody ends them: they wait.
  await on.world.app.reviews.close()
  const { review } = await dueOver(3_000)
  expect(await on.view(on.ada, review)).toMatchObject({
    state: 'applying',
    results: { waiting: 3_000, applied: 0, over: 0, failed: 0 },
  })
})
