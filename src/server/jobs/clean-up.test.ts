import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openWorld } from '../testing/world.ts'
import { cleanUp } from './clean-up.ts'

test('what is over is deleted, what is needed stays', async () => {
  await using world = await openWorld()
  const { db } = world.app
  await sql`insert into dpop_seen (hash, expires_at) values
    ('\\x01', now() - interval '1 second'), ('\\x02', now() + interval '1 minute')`.execute(db)
  await sql`insert into read_fold (actor_id, operation, minute) values
    ('ada', 'audit.list', now() - interval '2 hours'), ('ada', 'audit.list', now())`.execute(db)
  await sql`insert into idempotency (actor_id, key, operation, request_hash, status, created_at) values
    ('ada', 'old', 'x', '\\x00', 200, now() - interval '25 hours'), ('ada', 'new', 'x', '\\x00', 200, now())`.execute(
    db,
  )
  await cleanUp(db)
  const { rows } = await sql<{ proofs: number; folds: number; keys: string }>`select
    (select count(*) from dpop_seen) as proofs, (select count(*) from read_fold) as folds,
    (select string_agg(key, ',') from idempotency) as keys`.execute(db)
  expect(rows[0]).toEqual({ proofs: 1, folds: 1, keys: 'new' })
})

test('what each connection counted of hours that are over is kept as one sum, and nothing is lost of it', async () => {
  await using world = await openWorld()
  const { db } = world.app
  await sql`insert into decision_rollup (hour, outcome, slot, count)
    select date_trunc('hour', now()) - hours * interval '1 hour', 'denied', slot, 1
    from generate_series(0, 4, 4) hours, generate_series(1, 8) slot`.execute(db)
  // The second finds what came late, and adds it to the sum that is there.
  for (const sum of [8, 9]) {
    await cleanUp(db)
    const { rows } = await sql<{ slots: number; sum: number }>`
      select count(*) as slots, sum(count)::int as sum from decision_rollup where outcome = 'denied'
      group by hour order by hour`.execute(db)
    expect(rows).toEqual([
      { slots: 1, sum },
      { slots: 8, sum: 8 },
    ])
    await sql`insert into decision_rollup (hour, outcome, slot, count)
      values (date_trunc('hour', now()) - interval '4 hours', 'denied', 3, 1)`.execute(db)
  }
})
