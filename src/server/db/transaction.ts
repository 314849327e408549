import { sql } from 'kysely'
import type { Db } from './connect.ts'

/**
 * Runs `work` in one READ COMMITTED transaction and commits, or rolls everything back when it throws. A read-only one
 * cannot write, whatever its handler tries.
 */
export async function inTransaction<T>(
  db: Db,
  { readOnly }: { readOnly: boolean },
  work: (db: Db) => Promise<T>,
): Promise<T> {
  const transaction = db.transaction()
  if (readOnly) return transaction.setAccessMode('read only').execute(work)
  return transaction.execute(work)
}

/** The database's clock: the only one that decides about expiry. */
export async function databaseNow(db: Db): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  const now = rows[0]?.now
  if (!now) throw new Error('the database told no time')
  return now
}
