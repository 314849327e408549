import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'

/** Columns whose bytes are text. */
const holdingBytes = new Map([
  ['audit_entry', ['leaf', 'beside']],
  ['audit_queue', ['leaf']],
])

/** Every row of the database that holds a text, leaves too, by its table. For a connection as the owner. */
export async function rowsWith(owner: Db, text: string): Promise<Record<string, string[]>> {
  const tables = await sql<{ name: string }>`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and not relispartition order by relname`.execute(owner)
  const found: Record<string, string[]> = {}
  for (const { name } of tables.rows) {
    const bytes = (holdingBytes.get(name) ?? []).map(
      (column) => sql`|| coalesce(convert_from(${sql.ref(`t.${column}`)}, 'UTF8'), '')`,
    )
    const { rows } = await sql<{ row: string }>`
      select t::text ${sql.join(bytes, sql` `)} as row from ${sql.table(name)} t`.execute(owner)
    const holding = rows.map(({ row }) => row).filter((row) => row.includes(text))
    if (holding.length > 0) found[name] = holding
  }
  return found
}
