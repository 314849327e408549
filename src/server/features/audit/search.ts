import { sql, type RawBuilder } from 'kysely'
import { parseAuditQuery, type AuditField, type AuditTerm } from '../../../contract/audit-query.ts'
import type { AuditSearch } from '../../../contract/audit.ts'
import type { Db } from '../../db/connect.ts'
import type { Reach } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'

/** One field of a search, resolved to exact values of one indexed column. */
interface Condition {
  readonly field: AuditField
  readonly column: string
  readonly values: readonly string[]
  /** So many events match that reading the newest of all is quicker than asking value by value. */
  readonly common?: boolean
}

export interface Search {
  readonly conditions: readonly Condition[]
  readonly from?: Date
  readonly until?: Date
  /** Only what stands behind this leaf. */
  readonly after?: number
  readonly reach: Reach
}

const columns: Readonly<Record<Exclude<AuditField, 'name'>, string>> = {
  actor: 'actor_id',
  action: 'action',
  noun: 'noun',
  outcome: 'outcome',
  kind: 'resource_kind',
  resource: 'resource_id',
  project: 'project_id',
  context: 'context_id',
  session: 'session_id',
  ip: 'ip',
  request: 'request_id',
}
/** Fields whose counts the sealer keeps (`audit_rollup`). */
export const counted = ['actor', 'action', 'noun', 'kind', 'project', 'context', 'ip'] as const
export const isCounted = (field: string): boolean => (counted as readonly string[]).includes(field)
/** Most values that one pattern may stand for. */
const mostValues = 200

/** Reads the query and resolves its patterns and names, so that every search is by equality on an index. */
export async function readSearch(
  db: Db,
  { q, from, until }: AuditSearch,
  reach: Reach,
): Promise<Search> {
  const query = parseAuditQuery(q ?? '')
  if ('error' in query) {
    throw problem('invalid_input', query.error, { fields: [{ path: 'q', message: query.error }] })
  }
  const conditions = new Map<string, Condition>()
  for (const term of query.terms) {
    const { column, values, common = false } = await resolve(db, term)
    const key = term.field === 'name' ? `name ${term.value}` : term.field
    const before = conditions.get(key)
    conditions.set(key, {
      field: term.field,
      column,
      values: [...new Set([...(before?.values ?? []), ...values])],
      common: common || before?.common === true,
    })
  }
  return {
    conditions: [...conditions.values()],
    reach,
    ...(from !== undefined && { from: new Date(from) }),
    ...(until !== undefined && { until: new Date(until) }),
  }
}

async function resolve(db: Db, term: AuditTerm): Promise<Resolved> {
  const { field, prefix } = term
  // PostgreSQL's text cannot hold NUL: nothing that is stored does.
  const value = term.value.toWellFormed().replaceAll('\u0000', '␀')
  const pattern = `${value.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  if (field === 'name')
    return { column: 'resource_name', ...(await valuesLike(db, 'name', pattern)) }
  const column = columns[field]
  if (field === 'actor' || ((field === 'action' || field === 'noun') && prefix)) {
    return { column, ...(await valuesLike(db, field, pattern, value)) }
  }
  if (field === 'project' || field === 'context') {
    const named = sql<{ id: string }>`
      select id::text from ${sql.table(field)} where lower(name) ${prefix ? sql`like ${pattern}` : sql`= ${value.toLowerCase()}`}
      limit ${mostValues}`
    return { column, values: [value, ...(await named.execute(db)).rows.map((row) => row.id)] }
  }
  if (field === 'resource') {
    if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(value)) return { column, values: [value] }
    return {
      column: 'resource_name',
      ...(prefix ? await valuesLike(db, 'name', pattern) : { values: [value] }),
    }
  }
  return { column, values: [value] }
}

interface Resolved {
  readonly column: string
  readonly values: string[]
  readonly common?: boolean
}

/**
 * The values of a dimension that a pattern stands for, and whether the newest of all events hold a page of them sooner
 * than asking value by value: a page of n takes n ÷ share rows the one way, n × values the other.
 */
async function valuesLike(db: Db, dimension: string, pattern: string, exact = '') {
  const { rows } = await sql<{ value: string; count: number; total: number }>`
    select value, count, (select count from audit_value where dimension = 'all' and value = '') as total from audit_value
    where dimension = ${dimension} and (value = ${exact} or lower(label) like ${pattern})
    order by count desc limit ${mostValues}`.execute(db)
  const matching = rows.reduce((sum, { count }) => sum + count, 0)
  return {
    values: rows.map(({ value }) => value),
    common: matching * Math.max(20, rows.length) > (rows[0]?.total ?? 0),
  }
}

/** `lower(resource_name)` is what the index has; every other column stands for itself. */
const side = (column: string) =>
  column === 'resource_name' ? sql`lower(e.resource_name)` : sql`e.${sql.ref(column)}`
const folded = ({ column, values }: Condition) =>
  column === 'resource_name' ? [...new Set(values.map((value) => value.toLowerCase()))] : values

const is = (condition: Condition): RawBuilder<unknown> => {
  const values = folded(condition)
  return values.length === 1
    ? sql`${side(condition.column)} = ${values[0]}`
    : sql`${side(condition.column)} = any(${values}::text[])`
}

/** Whether an entry `e` is found by a search, as one SQL condition. */
export const matchOf = async (db: Db, search: Search): Promise<RawBuilder<unknown>> =>
  search.conditions.some(({ values }) => values.length === 0) ? sql`false` : whereOf(db, search)

/** Everything but the driving condition, as one SQL condition on `e`. */
export async function whereOf(
  db: Db,
  search: Search,
  without?: Condition,
): Promise<RawBuilder<unknown>> {
  const all = search.conditions.filter((condition) => condition !== without).map(is)
  const { from, until } = search
  if (from) all.push(sql`e.occurred_at >= ${from}`)
  if (until) all.push(sql`e.occurred_at < ${until}`)
  if (search.after !== undefined) all.push(sql`e.leaf_index > ${search.after}`)
  if (from ?? until) {
    const { first, last } = await leavesOf(db, from ?? new Date(0), until ?? forever)
    all.push(sql`e.leaf_index between ${first} and ${last}`)
  }
  const { reach } = search
  if (!reach.everywhere) {
    all.push(sql`(e.project_id = any(${reach.projects}::text[]) or e.context_id = any(${reach.contexts}::text[])
      or e.project_id in (select id::text from project where segment_id = any(${reach.segments}::uuid[])))`)
  }
  return all.length > 0 ? sql.join(all, sql` and `) : sql`true`
}

export const forever = new Date('9999-01-01')

/** The leaves among which everything stands that a search's time covers: all that are left, where it says none. */
export async function leavesIn(db: Db, { from, until }: Search) {
  const { first, last } =
    (from ?? until)
      ? await leavesOf(db, from ?? new Date(0), until ?? forever)
      : { first: 0, last: Number.MAX_SAFE_INTEGER }
  return { first: Math.max(first, await firstLeft(db)), last }
}

/** The first leaf whose event is left in the record. */
async function firstLeft(db: Db): Promise<number> {
  const state = await db.selectFrom('logState').select('minIndex').executeTakeFirst()
  return state?.minIndex ?? 0
}

/** Between which leaves the events of a range stand, by the counts of its whole days and of the hours at its ends. */
async function leavesOf(db: Db, from: Date, until: Date): Promise<{ first: number; last: number }> {
  const { rows } = await sql<{ first: number | null; last: number | null }>`
    select min(first_leaf) as first, max(last_leaf) as last from (
      select first_leaf, last_leaf from audit_rollup_day where dimension = 'all' and value = ''
        and day > date_trunc('day', ${from}::timestamptz) and day < date_trunc('day', ${until}::timestamptz)
      union all
      select first_leaf, last_leaf from audit_rollup where dimension = 'all' and value = ''
        and hour >= date_trunc('hour', ${from}::timestamptz) and hour < ${until}
        and (hour < date_trunc('day', ${from}::timestamptz) + interval '1 day' or hour >= date_trunc('day', ${until}::timestamptz))
    ) whole`.execute(db)
  return { first: rows[0]?.first ?? 0, last: rows[0]?.last ?? -1 }
}

/**
 * The newest matches below `before`, by leaf index. Where a pattern stands for several values, each is read in order on
 * its own index and the newest are taken of all: the cost of a page does not grow with the number of matches.
 */
export async function newest<T>(
  db: Db,
  search: Search,
  select: RawBuilder<T>,
  before: number | undefined,
  limit: number,
  order: 'newest' | 'oldest' = 'newest',
): Promise<T[]> {
  const way = order === 'newest' ? sql`desc` : sql`asc`
  if (search.conditions.some(({ values }) => values.length === 0)) return []
  const driver = search.conditions.find(({ values, common }) => values.length > 1 && !common)
  const where = await whereOf(db, search, driver)
  const below = before === undefined ? sql`` : sql`and e.leaf_index < ${before}`
  const page = (extra: RawBuilder<unknown>) => sql`
    select ${select} from audit_entry e where ${where} ${below} ${extra} order by e.leaf_index ${way} limit ${limit}`
  const query = driver
    ? sql<T>`select found.* from unnest(${folded(driver)}::text[]) as wanted(value)
        cross join lateral (${page(sql`and ${side(driver.column)} = wanted.value`)}) found
        order by found.leaf_index ${way} limit ${limit}`
    : sql<T>`${page(sql``)}`
  return (await query.execute(db)).rows
}
