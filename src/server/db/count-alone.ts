import { sql } from 'kysely'
import type { Db } from './connect.ts'

/** Until this transaction has ended nobody else counts what is called so: what is counted, and then added to, keeps its limit. */
export async function countAlone(db: Db, what: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`sallyport ${what}`}, 0))`.execute(db)
}
