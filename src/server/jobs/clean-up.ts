import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'

const everyMs = 10 * 60_000

/** Deletes what the door no longer needs. Safe on several servers at once: each row is deleted once. */
export async function cleanUp(db: Db): Promise<void> {
  await sql`delete from dpop_seen where expires_at < clock_timestamp()`.execute(db)
  // A client that comes back later than a day makes a new request (C9).
  await sql`delete from idempotency where created_at < clock_timestamp() - interval '1 day'`.execute(
    db,
  )
  await sql`delete from read_fold where minute < clock_timestamp() - interval '1 hour'`.execute(db)
}

/** Cleans up every ten minutes until the answer is called. */
export function keepClean(db: Db, onError: (error: unknown) => void): () => void {
  const timer = setInterval(() => void cleanUp(db).catch(onError), everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
