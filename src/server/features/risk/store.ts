import { sql, type RawBuilder } from 'kysely'
import type { AnswerOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import type { Reach } from '../../decision/types.ts'
import { decisionsWithin } from '../decisions/service.ts'
import { isPrivileged } from '../../decision/privileged.ts'
import type { DayRange } from './range.ts'

type Privileged = AnswerOf<'risk.privileged'>['now']

/** True where a row with its own places lies within the reach; what lies nowhere is the organization's. */
const within = (reach: Reach, alias: string): RawBuilder<boolean> => {
  if (reach.everywhere) return sql<boolean>`true`
  const [segments, projects, contexts] = [reach.segments, reach.projects, reach.contexts].map(
    (ids) => sql`${sql.val([...ids])}::uuid[]`,
  )
  const column = (name: string) => sql.ref(`${alias}.${name}`)
  return sql<boolean>`(${column('segment_id')} = any(${segments}) or ${column('project_id')} = any(${projects})
    or ${column('context_id')} = any(${contexts})
    or ${column('project_id')} in (select id from project where segment_id = any(${segments}))
    or ${column('context_id')} in (select id from context where segment_id = any(${segments})))`
}

const series = ({ from, until }: DayRange) =>
  sql`generate_series(${from}::timestamptz, ${until}::timestamptz - interval '1 second', interval '1 day')`

/** Grants of privileged roles that were live at some time of each day, the range before included. */
export async function privilegedByDay(
  db: Db,
  reach: Reach,
  { beforeFrom, until }: DayRange,
): Promise<(Privileged & { readonly at: Date })[]> {
  const day = (at: RawBuilder<unknown>) =>
    sql`date_trunc('day', ${at} at time zone 'UTC') at time zone 'UTC'`
  const { rows } = await sql<Privileged & { at: Date }>`
    with lived as (
      select greatest(${day(sql`coalesce(g.starts_at, g.granted_at)`)}, ${beforeFrom}::timestamptz) as first,
        ${day(sql`least(g.ended_at, g.expires_at)`)} as last,
        case when q.id is not null then 'requested' when g.expires_at is null then 'standing' else 'ending' end as kind
      from access_grant g join role r on r.id = g.role_id left join access_request q on q.grant_id = g.id
      where ${isPrivileged('r')} and ${within(reach, 'g')}
        and (g.ended_at is null or g.ended_at >= ${beforeFrom}) and (g.expires_at is null or g.expires_at >= ${beforeFrom})
        and coalesce(g.starts_at, g.granted_at) < ${until}),
    turned as (
      select first as at, kind, count(*)::int as by from lived where last is null or last >= first group by 1, 2
      union all
      select last + interval '1 day', kind, -count(*)::int from lived where last >= first group by 1, 2)
    select d.at, coalesce(standing, 0)::int as standing, coalesce(ending, 0)::int as ending, coalesce(requested, 0)::int as requested
    from (
      select at, sum(sum(by) filter (where kind = 'standing')) over w as standing,
        sum(sum(by) filter (where kind = 'ending')) over w as ending,
        sum(sum(by) filter (where kind = 'requested')) over w as requested
      from (select at, kind, by from turned
        union all select d, 'none', 0 from generate_series(${beforeFrom}::timestamptz, ${until}::timestamptz - interval '1 second', interval '1 day') d) t
      group by at window w as (order by at)) d
    where d.at >= ${beforeFrom} and d.at < ${until} order by d.at`.execute(db)
  return rows
}

interface RefusalRow {
  readonly at: Date
  readonly cause: AnswerOf<'risk.refusals'>['points'][number]['cause']
  readonly count: number
}

/** Refusals by day and cause, the range before included. */
export async function refusalsByDay(
  db: Db,
  reach: Reach,
  { beforeFrom, until }: DayRange,
): Promise<RefusalRow[]> {
  const { rows } = await sql<RefusalRow>`
    select day::timestamp at time zone 'UTC' as at, cause, sum(count)::int as count from refusal_day as decision
    where day >= ${beforeFrom}::timestamptz::date and day < ${until}::timestamptz::date and ${decisionsWithin(reach)}
    group by 1, 2 order by 1, 2`.execute(db)
  return rows
}

interface RequestDay {
  readonly at: Date
  readonly asked: number
  readonly answered: number
  readonly lapsed: number
}

export async function requestsByDay(db: Db, reach: Reach, range: DayRange): Promise<RequestDay[]> {
  const per = (column: string, more = sql`true`) => sql`
    select date_trunc('day', ${sql.ref(`r.${column}`)} at time zone 'UTC') at time zone 'UTC' as at, count(*)::int as n
    from access_request r where ${sql.ref(`r.${column}`)} >= ${range.from} and ${sql.ref(`r.${column}`)} < ${range.until}
      and ${within(reach, 'r')} and ${more} group by 1`
  const { rows } = await sql<RequestDay>`
    select d.at, coalesce(a.n, 0) as asked, coalesce(b.n, 0) as answered, coalesce(c.n, 0) as lapsed
    from ${series(range)} d(at)
    left join (${per('created_at')}) a on a.at = d.at
    left join (${per('decided_at', sql`r.state in ('approved', 'denied')`)}) b on b.at = d.at
    left join (${per('decided_at', sql`r.state = 'lapsed'`)}) c on c.at = d.at
    order by d.at`.execute(db)
  return rows
}

interface RequestHealth {
  readonly medianMinutes: number | null
  readonly asked: number
  readonly lapsed: number
}

/** How long an answer took: no time where a clock went back in between. */
const waited = sql`greatest(r.decided_at - r.created_at, interval '0')`

export async function requestHealth(
  db: Db,
  reach: Reach,
  from: Date,
  until: Date,
): Promise<RequestHealth> {
  const { rows } = await sql<RequestHealth>`
    select
      (select percentile_cont(0.5) within group (order by extract(epoch from ${waited}) / 60)::float8
        from access_request r where r.decided_at >= ${from} and r.decided_at < ${until}
          and r.state in ('approved', 'denied') and ${within(reach, 'r')}) as median_minutes,
      (select count(*)::int from access_request r where r.created_at >= ${from} and r.created_at < ${until}
        and ${within(reach, 'r')}) as asked,
      (select count(*)::int from access_request r where r.decided_at >= ${from} and r.decided_at < ${until}
        and r.state = 'lapsed' and ${within(reach, 'r')}) as lapsed`.execute(db)
  return rows[0] ?? { medianMinutes: null, asked: 0, lapsed: 0 }
}

export async function openRequests(db: Db, reach: Reach, now: Date): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from access_request r
    where r.state in ('pending', 'asked_back') and r.answer_by > ${now} and ${within(reach, 'r')}`.execute(
    db,
  )
  return rows[0]?.n ?? 0
}

/** A review lies in a segment, of a context, or nowhere but in the organization. */
const reviewWithin = ({ everywhere, segments, contexts }: Reach) =>
  everywhere
    ? sql<boolean>`true`
    : sql<boolean>`(v.segment_id = any(${sql.val([...segments])}::uuid[]) or v.context_id = any(${sql.val([...contexts])}::uuid[]))`

interface ReviewDay {
  readonly at: Date
  readonly kept: number
  readonly ended: number
  readonly byRule: number
  readonly inTime: number
  readonly late: number
}

/** What reviewers and rules decided by day, and which reviews were signed off, the range before included. */
export async function reviewsByDay(
  db: Db,
  reach: Reach,
  { beforeFrom, until }: DayRange,
): Promise<ReviewDay[]> {
  const { rows } = await sql<ReviewDay>`
    select d.at, coalesce(a.kept, 0) as kept, coalesce(a.ended, 0) as ended, coalesce(a.by_rule, 0) as by_rule,
      coalesce(s.in_time, 0) as in_time, coalesce(s.late, 0) as late
    from generate_series(${beforeFrom}::timestamptz, ${until}::timestamptz - interval '1 second', interval '1 day') d(at)
    left join (
      select date_trunc('day', a.decided_at at time zone 'UTC') at time zone 'UTC' as at,
        (count(*) filter (where a.decision = 'keep' and not a.by_rule))::int as kept,
        (count(*) filter (where a.decision = 'revoke' and not a.by_rule))::int as ended,
        (count(*) filter (where a.by_rule))::int as by_rule
      from review_answer a join review v on v.id = a.review_id
      where a.decided_at >= ${beforeFrom} and a.decided_at < ${until} and ${reviewWithin(reach)} group by 1) a on a.at = d.at
    left join (
      select date_trunc('day', v.signed_at at time zone 'UTC') at time zone 'UTC' as at,
        (count(*) filter (where v.signed_at <= v.due_at))::int as in_time,
        (count(*) filter (where v.signed_at > v.due_at))::int as late
      from review v where v.signed_at >= ${beforeFrom} and v.signed_at < ${until} and ${reviewWithin(reach)} group by 1) s on s.at = d.at
    order by d.at`.execute(db)
  return rows
}

export async function openReviews(
  db: Db,
  reach: Reach,
  now: Date,
): Promise<{ running: number; overdue: number }> {
  const { rows } = await sql<{ running: number; overdue: number }>`
    select count(*)::int as running, (count(*) filter (where v.due_at <= ${now}))::int as overdue
    from review v where v.state = 'running' and ${reviewWithin(reach)}`.execute(db)
  return rows[0] ?? { running: 0, overdue: 0 }
}

type SecretCell = AnswerOf<'risk.secrets'>['cells'][number]
interface ExposedRow {
  readonly id: string
  readonly name: string
  readonly secrets: number
  readonly projects: number
  readonly oldestAt: Date
}

const contextsWithin = (reach: Reach) =>
  reach.everywhere
    ? sql`true`
    : sql`(c.id = any(${sql.val([...reach.contexts])}::uuid[]) or c.segment_id = any(${sql.val([...reach.segments])}::uuid[]))`

/** Secrets that are stored here by age and by how many projects reach their context. */
export async function secretsByAge(db: Db, reach: Reach, now: Date): Promise<SecretCell[]> {
  const before = (days: number) => new Date(now.getTime() - days * 86_400_000)
  const { rows } = await sql<SecretCell>`
    select case when s.updated_at > ${before(30)} then 'month' when s.updated_at > ${before(90)} then 'quarter'
        when s.updated_at > ${before(180)} then 'half' when s.updated_at > ${before(365)} then 'year' else 'older' end as age,
      case when m.projects = 0 then 'none' when m.projects = 1 then 'one' when m.projects <= 5 then 'few'
        when m.projects <= 10 then 'some' else 'many' end as reach, count(*)::int as count
    from secret s join context c on c.id = s.context_id join context_reach m on m.context_id = c.id
    where s.reference is null and ${contextsWithin(reach)} group by 1, 2`.execute(db)
  return rows
}

export async function mostExposed(db: Db, reach: Reach, now: Date): Promise<ExposedRow[]> {
  const { rows } = await sql<ExposedRow>`
    select c.id, c.name, s.secrets, m.projects, s.oldest_at from (
      select context_id, count(*)::int as secrets, min(updated_at) as oldest_at from secret where reference is null group by 1) s
    join context c on c.id = s.context_id join context_reach m on m.context_id = c.id
    where m.projects > 0 and ${contextsWithin(reach)}
    order by extract(epoch from ${now}::timestamptz - s.oldest_at) * m.projects desc, lower(c.name) limit 8`.execute(
    db,
  )
  return rows
}
