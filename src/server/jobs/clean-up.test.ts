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
