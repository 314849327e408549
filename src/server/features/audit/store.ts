import { sql } from 'kysely'
import type { AuditEvent } from '../../../contract/audit.ts'
import type { Outcome } from '../../../contract/decisions.ts'
import type { Db } from '../../db/connect.ts'
import { entryOf } from '../../ledger/entry.ts'
import { openingsWaiting, withoutPerson } from '../../ledger/personal.ts'
import { countOverTime } from './counts.ts'
import { counted, newest, type Search } from './search.ts'

const shown = sql<{ leafIndex: number } & ReturnType<typeof entryOf>>`
  e.leaf_index, e.event_id, e.occurred_at, e.actor_kind, e.actor_id, e.actor_name, e.action, e.noun, e.resource_kind,
  e.resource_id, e.resource_name, e.outcome, e.project_id, e.context_id, e.session_id, e.request_id, e.ip, e.sentence`

/** An entry's columns as the contract has them. */
export function answerOf(row: ReturnType<typeof entryOf>, index?: number) {
  const optional = {
    projectId: row.projectId,
    contextId: row.contextId,
    sessionId: row.sessionId,
    requestId: row.requestId,
    ip: row.ip,
    sentence: row.sentence,
  }
  return {
    id: row.eventId,
    ...(index !== undefined && { index }),
    occurredAt: row.occurredAt,
    actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
    action: row.action,
    outcome: row.outcome,
    ...(row.resourceId !== null && {
      resource: { kind: row.resourceKind ?? '', id: row.resourceId, name: row.resourceName ?? '' },
    }),
    ...(Object.fromEntries(
      Object.entries(optional).filter(([, value]) => value !== null),
    ) as Partial<Record<keyof typeof optional, string>>),
  }
}

/** A page of matches, newest first. */
export async function listEvents(
  db: Db,
  search: Search,
  before: number | undefined,
  limit: number,
) {
  const rows = await newest(db, search, shown, before, limit)
  return rows.map((row) => answerOf(row, row.leafIndex))
}

/** What the sealer put in order behind `after`, oldest first. */
export async function eventsSince(db: Db, search: Search, after: number) {
  const rows = await newest(db, { ...search, after }, shown, undefined, 200, 'oldest')
  return rows.map((row) => answerOf(row, row.leafIndex))
}

/** The newest of what waits to be put in order. */
export async function pendingEvents(db: Db): Promise<AuditEvent[]> {
  const rows = await db
    .selectFrom('auditQueue')
    .select(['leaf', 'personal'])
    .orderBy('xid', 'desc')
    .orderBy('eventId', 'desc')
    .limit(20)
    .execute()
  return rows.map(({ leaf, personal }) => {
    const entry = entryOf(leaf, withoutPerson(openingsWaiting(personal)))
    return Object.assign(answerOf(entry), { occurredAt: entry.occurredAt.toISOString() })
  })
}

/** How many of the newest matches are counted where no counts are kept. */
const sample = 5_000
type Facets = {
  counted: 'all' | 'newest'
  facets: { field: string; values: { value: string; label: string; count: number }[] }[]
}

/** Counts per value of the fields one narrows by: all matches from the kept counts, or else the newest of them. */
export async function countFacets(db: Db, search: Search): Promise<Facets> {
  const fields = ['outcome', ...counted.filter((field) => field !== 'ip' && field !== 'noun')]
  const whole = search.conditions.length === 0 && search.reach.everywhere
  const rows = whole ? await keptCounts(db, search) : await sampledCounts(db, search, fields)
  const names = await namesOf(db, rows.rows)
  return {
    counted: rows.complete ? 'all' : 'newest',
    facets: fields.map((field) => ({
      field,
      values: rows.rows
        .filter((row) => row.field === field)
        .toSorted((one, other) => other.count - one.count)
        .slice(0, 12)
        .map(({ value, label, count }) => ({ value, label: names.get(value) ?? label, count })),
    })),
  }
}

interface Counted {
  field: string
  value: string
  label: string
  count: number
}

async function keptCounts(db: Db, { from, until }: Search) {
  const range = sql`r.hour >= ${from ?? new Date(0)} and r.hour < ${until ?? new Date('9999-01-01')}`
  const outcomes = sql<Counted>`
    select 'outcome' as field, r.outcome as value, r.outcome as label, sum(r.count)::bigint as count
    from audit_rollup r where r.dimension = 'all' and r.value = '' and ${range} group by 2`
  const values =
    (from ?? until)
      ? sql<Counted>`select r.dimension as field, r.value, max(v.label) as label, sum(r.count)::bigint as count
          from audit_rollup r join audit_value v using (dimension, value) where ${range} group by 1, 2`
      : sql<Counted>`select dimension as field, value, label, count from (
          select *, row_number() over (partition by dimension order by count desc) as place from audit_value) v where place <= 12`
  const [one, other] = [await outcomes.execute(db), await values.execute(db)]
  return { rows: [...one.rows, ...other.rows], complete: true }
}

async function sampledCounts(db: Db, search: Search, fields: readonly string[]) {
  const select = sql<{ leafIndex: number } & Record<string, string | null>>`
    e.leaf_index, e.outcome, e.actor_id as actor, e.actor_name, e.action, e.resource_kind as kind,
    e.project_id as project, e.context_id as context`
  const found = await newest(db, search, select, undefined, sample)
  const counts = new Map<string, Counted>()
  for (const row of found) {
    for (const field of fields) {
      const value = row[field]
      if (value === null || value === undefined) continue
      const label = (field === 'actor' ? row['actorName'] : value) ?? value
      const count = counts.get(`${field} ${value}`) ?? { field, value, label, count: 0 }
      count.count += 1
      counts.set(`${field} ${value}`, count)
    }
  }
  return { rows: [...counts.values()], complete: found.length < sample }
}

/** What projects and contexts are called now. */
async function namesOf(db: Db, rows: readonly Counted[]): Promise<Map<string, string>> {
  const ids = rows
    .filter(({ field }) => field === 'project' || field === 'context')
    .map(({ value }) => value)
  if (ids.length === 0) return new Map()
  const { rows: named } = await sql<{ id: string; name: string }>`
    select id::text, name from project where id::text = any(${ids}::text[])
    union all select id::text, name from context where id::text = any(${ids}::text[])`.execute(db)
  return new Map(named.map(({ id, name }) => [id, name]))
}

const steps = [60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 7 * 24 * 3600, 30 * 24 * 3600]
/** At most so many bars. */
const mostBuckets = 96

/** Matches over time, by outcome, in at most 96 bars without gaps. */
export async function timeline(db: Db, search: Search, now: Date) {
  const from = search.from ?? (await firstHour(db)) ?? new Date(now.getTime() - 24 * 3600_000)
  const until = search.until ?? now
  const span = Math.max(60, (until.getTime() - from.getTime()) / 1000)
  const fine = steps.find((step) => span / step <= mostBuckets) ?? 30 * 24 * 3600
  // Minutes are counted from the entries themselves, which is quick for some hours at the most.
  const bucketSeconds = span <= 6 * 3600 ? fine : Math.max(3600, fine)
  const rows = await countOverTime(db, search, bucketSeconds)
  const step = bucketSeconds * 1000
  const first = Math.floor(from.getTime() / step)
  const last = Math.floor((until.getTime() - 1) / step)
  const points = Array.from({ length: Math.max(1, Math.min(500, last - first + 1)) }, (_, at) => ({
    at: new Date((first + at) * step),
    permitted: 0,
    would_deny: 0,
    denied: 0,
    failed: 0,
  }))
  for (const { at, outcome, count } of rows) {
    const point = points[Math.floor(at.getTime() / step) - first]
    if (point) point[outcome as Outcome] = count
  }
  return { bucketSeconds, points }
}

async function firstHour(db: Db): Promise<Date | null> {
  const { rows } = await sql<{ hour: Date | null }>`
    select min(hour) as hour from audit_rollup where dimension = 'all' and value = ''`.execute(db)
  return rows[0]?.hour ?? null
}
