import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import type { entryOf } from './entry.ts'

/** What is stored of an event beside its leaf. */
export type Entry = ReturnType<typeof entryOf> & { readonly leafIndex: number }

/** The dimensions that are counted, each with its value and how that is shown. */
const dimensions = Object.entries<(entry: Entry) => readonly [string | null, string?]>({
  all: () => [''],
  actor: (entry) => [entry.actorId, entry.actorName],
  action: (entry) => [entry.action],
  noun: (entry) => [entry.noun],
  kind: (entry) => [entry.resourceKind],
  project: (entry) => [entry.projectId],
  context: (entry) => [entry.contextId],
  ip: (entry) => [entry.ip],
  // Only known as a value, not counted over time: there are too many.
  name: (entry) => [entry.resourceName],
})

interface Count {
  readonly dimension: string
  readonly value: string
  label: string
  readonly hour: string
  readonly outcome: string
  count: number
  readonly first_leaf: number
  last_leaf: number
}

/** Adds a batch to the counts, in the transaction that puts it in order: they are never behind the record. */
export async function rollUp(db: Db, entries: readonly Entry[]): Promise<void> {
  const hourly = new Map<string, Count>()
  const values = new Map<string, Count>()
  for (const entry of entries) {
    const hour = `${entry.occurredAt.toISOString().slice(0, 13)}:00:00Z`
    for (const [dimension, read] of dimensions) {
      const [value, label = value] = read(entry)
      if (value === null || label === null || label === undefined) continue
      // No value holds NUL: see `searchable`.
      const key = `${dimension}\0${value}`
      const seen = () => ({ dimension, value, label, hour, outcome: entry.outcome })
      if (dimension !== 'name') add(hourly, `${key}\0${hour}\0${entry.outcome}`, entry, seen)
      add(values, key, entry, seen).label = label
    }
  }
  await sql`
    insert into audit_rollup (dimension, value, hour, outcome, count, first_leaf, last_leaf)
    select dimension, value, hour, outcome, count, first_leaf, last_leaf from ${rows(hourly)}
    on conflict (dimension, value, hour, outcome) do update
      set count = audit_rollup.count + excluded.count, last_leaf = excluded.last_leaf`.execute(db)
  await sql`
    insert into audit_rollup_day (dimension, value, day, outcome, count, first_leaf, last_leaf)
    select dimension, value, date_trunc('day', hour), outcome, sum(count), min(first_leaf), max(last_leaf)
    from ${rows(hourly)} group by 1, 2, 3, 4
    on conflict (dimension, value, day, outcome) do update
      set count = audit_rollup_day.count + excluded.count, last_leaf = excluded.last_leaf`.execute(
    db,
  )
  await sql`
    insert into audit_value (dimension, value, label, count, last_leaf)
    select dimension, value, label, count, last_leaf from ${rows(values)}
    on conflict (dimension, value) do update
      set count = audit_value.count + excluded.count, last_leaf = excluded.last_leaf, label = excluded.label`.execute(
    db,
  )
}

function add(
  counts: Map<string, Count>,
  key: string,
  { leafIndex }: Entry,
  seen: () => Omit<Count, 'count' | 'first_leaf' | 'last_leaf'>,
): Count {
  let count = counts.get(key)
  if (!count) {
    count = { ...seen(), count: 0, first_leaf: leafIndex, last_leaf: leafIndex }
    counts.set(key, count)
  }
  count.count += 1
  count.last_leaf = leafIndex
  return count
}

const rows = (counts: Map<string, Count>) => sql`
  json_to_recordset(${JSON.stringify([...counts.values()])}::json)
    as c(dimension text, value text, label text, hour timestamptz, outcome text, count bigint, first_leaf bigint, last_leaf bigint)`
