import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../db/connect.ts'
import { forever, isCounted, whereOf, type Search } from './search.ts'

interface Kept {
  readonly dimension: string
  readonly values: readonly string[]
  readonly outcomes?: readonly string[]
}

/** The dimension whose kept counts answer the search; undefined where the entries themselves must be counted. */
function keptOf(search: Search): Kept | undefined {
  if (!search.reach.everywhere) return undefined
  const outcome = search.conditions.find(({ field }) => field === 'outcome')
  const others = search.conditions.filter((condition) => condition !== outcome)
  const [one, two] = others
  if (two || (one && !isCounted(one.field))) return undefined
  return {
    dimension: one?.field ?? 'all',
    values: one?.values ?? [''],
    ...(outcome && { outcomes: outcome.values }),
  }
}

/** Dimensions of which every event has a value: what is not of some values is of the others. */
const whole: ReadonlySet<string> = new Set(['actor', 'action', 'noun'])

/**
 * Which counts are added, and which taken away. Where the values are most of a dimension's, they are everything less the
 * others: a pattern that nearly all events match costs no more than one that hardly any does.
 */
async function termsOf(db: Db, { dimension, values }: Kept) {
  const term = (name: string, wanted: readonly string[]) =>
    sql`(dimension = ${name} and value = any(${wanted}::text[]))`
  const direct = { rows: term(dimension, values), count: sql`count` }
  if (!whole.has(dimension) || values.length < 2) return direct
  const { rows } = await sql<{ value: string }>`
    select value from audit_value where dimension = ${dimension} and value <> all(${values}::text[])
    limit ${values.length}`.execute(db)
  if (rows.length === values.length) return direct
  const others = rows.map(({ value }) => value)
  return {
    rows: sql`(${term('all', [''])} or ${term(dimension, others)})`,
    count: sql`case when dimension = 'all' then count else -count end`,
  }
}

/** Counts matches per bucket and outcome. */
export async function countOverTime(db: Db, search: Search, bucketSeconds: number) {
  const kept = bucketSeconds % 3600 === 0 ? keptOf(search) : undefined
  const bucket = (column: RawBuilder<unknown>) =>
    sql`date_bin(make_interval(secs => ${bucketSeconds}::int), ${column}, to_timestamp(0))`
  type Row = { at: Date; outcome: string; count: number }
  if (!kept) {
    const counted = sql<Row>`
      select ${bucket(sql`e.occurred_at`)} as at, e.outcome, count(*) as count from audit_entry e
      where ${await whereOf(db, search)} group by 1, 2 order by 1`
    return (await counted.execute(db)).rows
  }
  const unit = bucketSeconds % 86_400 === 0 ? 'day' : 'hour'
  const exact = bucketSeconds === (unit === 'day' ? 86_400 : 3600)
  const counts = sql.table(unit === 'day' ? 'audit_rollup_day' : 'audit_rollup')
  const { rows, count } = await termsOf(db, kept)
  const summed = sql<Row>`
    select ${exact ? sql.ref(unit) : bucket(sql.ref(unit))} as at, outcome, sum(${count})::bigint as count from ${counts}
    where ${rows} and ${sql.ref(unit)} >= date_trunc(${unit}, ${search.from ?? new Date(0)}::timestamptz)
      and ${sql.ref(unit)} < ${search.until ?? forever}
      ${kept.outcomes ? sql`and outcome = any(${kept.outcomes}::text[])` : sql``}
    group by 1, 2 having sum(${count}) <> 0 order by 1`
  return (await summed.execute(db)).rows
}
