import { sql } from 'kysely'
import { operations } from '../../../contract/index.ts'
import type { FirstStep } from '../../../contract/overview.ts'
import type { Db } from '../../db/connect.ts'
import { grantHolds } from '../../decision/live-grant.ts'
import { changes, ofRuns } from '../../http/asked.ts'

interface DayRow {
  readonly day: Date
  readonly permitted: number
  readonly wouldDeny: number
  readonly denied: number
}

const outcomes = sql`
  coalesce(sum(count) filter (where outcome = 'permitted'), 0)::bigint as permitted,
  coalesce(sum(count) filter (where outcome = 'would_deny'), 0)::bigint as would_deny,
  coalesce(sum(count) filter (where outcome = 'denied'), 0)::bigint as denied`

/** Decisions by day from the roll-ups; days without any are there with zeros. */
export async function decisionsByDay(db: Db, from: Date, until: Date): Promise<DayRow[]> {
  const { rows } = await sql<DayRow>`
    with counted as (
      select date_trunc('day', hour) as day, ${outcomes} from decision_rollup
      where hour >= ${from} and hour < ${until} group by 1)
    select d.day, coalesce(permitted, 0)::bigint as permitted, coalesce(would_deny, 0)::bigint as would_deny,
      coalesce(denied, 0)::bigint as denied
    from generate_series(${from}::timestamptz, ${until}::timestamptz - interval '1 second', interval '1 day') as d(day)
    left join counted using (day) order by d.day`.execute(db)
  return rows
}

/** By what people change something: not what runs do, a job's check of its config, or signing in. */
const byPeople = operations()
  .filter(({ spec }) => changes(spec) && !ofRuns(spec))
  .filter(({ spec }) => !spec.orWorkload && spec.may !== 'authenticated')
  .map(({ id }) => id)

/** What people changed, from the counts of the audit trail. */
export async function changesSince(db: Db, from: Date) {
  const { rows } = await sql<{ action: string; count: number }>`
    select value as action, sum(count)::bigint as count from audit_rollup_day
    where dimension = 'action' and day >= ${from} and outcome = 'permitted'
      and value = any(${byPeople}::text[])
    group by value order by 2 desc, 1 limit 8`.execute(db)
  return rows
}

interface EndingRow {
  readonly id: string
  readonly subject: string
  readonly role: string
  readonly scope: string
  readonly at: Date
}

/** Grants that end soon; those of the members of the given teams alone, where teams are given. */
export async function endingGrants(db: Db, days: number, teams?: readonly string[]) {
  const within = teams
    ? sql`and (g.team_id = any(${[...teams]}::uuid[])
        or g.person_id in (select person_id from team_member where team_id = any(${[...teams]}::uuid[])))`
    : sql``
  const { rows } = await sql<EndingRow>`
    select g.id, coalesce(p.name, t.name) as subject, r.name as role, coalesce(g.scope_name, g.scope_kind) as scope,
      g.expires_at as at
    from access_grant g join role r on r.id = g.role_id
    left join person p on p.id = g.person_id left join team t on t.id = g.team_id
    where ${grantHolds()} and g.expires_at < clock_timestamp() + make_interval(days => ${days}) ${within}
    order by g.expires_at limit 8`.execute(db)
  return rows
}

export async function oldestSecrets(db: Db) {
  return db
    .selectFrom('secret as s')
    .innerJoin('context as c', 'c.id', 's.contextId')
    .select(['s.name', 's.updatedAt', 's.lastUsedAt', 'c.id as contextId', 'c.name as contextName'])
    .orderBy('s.updatedAt')
    .orderBy('s.id')
    .limit(8)
    .execute()
}

interface ContextCount {
  readonly by: 'given' | 'denied'
  readonly id: string
  readonly name: string
  readonly permitted: number
  readonly wouldDeny: number
  readonly denied: number
}

/** Contexts that runs were given most often, and that they were refused most often; what would be denied was given. */
export async function contextsByUse(db: Db, from: Date) {
  const { rows } = await sql<ContextCount>`
    with counted as materialized (
      select context_id, ${outcomes}, sum(count) filter (where outcome in ('permitted', 'would_deny')) as given
      from decision_rollup where hour >= ${from} and context_id is not null group by 1),
    ranked as (
      select by, c.id, c.name, k.permitted, k.would_deny, k.denied,
        row_number() over (partition by by order by often desc, lower(c.name)) as place
      from counted k join context c on c.id = k.context_id,
        lateral (values ('given', k.given), ('denied', k.denied)) as used(by, often)
      where often > 0)
    select by, id, name, permitted, would_deny, denied from ranked where place <= 6 order by by, place`.execute(
    db,
  )
  return rows
}

/** Policies that are only tried, with what each would have denied. */
export async function triedPolicies(db: Db, from: Date) {
  const { rows } = await sql<{ id: string; name: string; count: number }>`
    select p.id, p.name, (select count(*) from decision d
        where d.at >= ${from} and d.outcome = 'would_deny'
          and d.policies @> jsonb_build_array(jsonb_build_object('id', p.id))) as count
    from policy p where p.mode = 'evaluate' order by count desc, lower(p.name) limit 8`.execute(db)
  return rows
}

export async function leaversWithGrants(db: Db) {
  const { rows } = await sql<{ id: string; name: string; grants: number }>`
    select p.id, p.name, count(*) as grants from person p
    join access_grant g on g.person_id = p.id and ${grantHolds()}
    where p.state = 'left' group by 1, 2 order by p.name limit 8`.execute(db)
  return rows
}

/** Who holds the administrator's role everywhere and was not seen for 30 days. */
export async function idleAdministrators(db: Db, roleId: string) {
  const { rows } = await sql<{ id: string; name: string; seen: Date | null }>`
    select distinct p.id, p.name, p.last_seen_at as seen from person p
    join access_grant g on ${grantHolds()}
      and (g.person_id = p.id or g.team_id in (select team_id from team_member where person_id = p.id))
    where g.role_id = ${roleId} and g.scope_kind = 'organization' and p.state = 'active'
      and (p.last_seen_at is null or p.last_seen_at < clock_timestamp() - interval '30 days')
    order by p.name limit 8`.execute(db)
  return rows
}

export async function closedContexts(db: Db): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from context c
    where not exists (select from restriction r where r.context_id = c.id)`.execute(db)
  return rows[0]?.n ?? 0
}

export async function firstSteps(db: Db) {
  const { rows } = await sql<Record<FirstStep, boolean>>`
    select exists (select from issuer) as issuer, exists (select from project) as project,
      exists (select from trust_rule) as rule, exists (select from secret) as secret,
      exists (select from restriction) as restriction,
      exists (select from decision where action = 'context:use' and outcome in ('permitted', 'would_deny')) as lease`.execute(
    db,
  )
  const [steps] = rows
  if (!steps) throw new Error('an aggregate without a row')
  return steps
}

interface ProjectRow {
  readonly id: string
  readonly name: string
  readonly segmentId: string
  readonly permitted: number
  readonly denied: number
  readonly refusal: { id: string; at: string; sentence: string } | null
}

/** Projects of the given teams with a week of their runs, and the newest refusal of each. */
export async function projectsOfTeams(db: Db, teams: readonly string[], from: Date) {
  const { rows } = await sql<ProjectRow>`
    select p.id, p.name, p.segment_id, coalesce(k.permitted, 0)::bigint as permitted, coalesce(k.denied, 0)::bigint as denied,
      (select jsonb_build_object('id', d.id, 'at', d.at, 'sentence', d.sentence) from decision d
        where d.project_id = p.id and d.outcome = 'denied' and d.at >= ${from} order by d.at desc limit 1) as refusal
    from project p
    left join lateral (
      select sum(count) filter (where outcome in ('permitted', 'would_deny')) as permitted,
        sum(count) filter (where outcome = 'denied') as denied
      from decision_rollup where project_id = p.id and hour >= ${from}) k on true
    where p.team_id = any(${[...teams]}::uuid[]) order by lower(p.name) limit 50`.execute(db)
  return rows
}

export async function recordState(db: Db) {
  const { rows } = await sql<{
    events: number
    signed: number
    pending: number
    signedAt: Date | null
  }>`
    select coalesce((select tree_size from log_state), 0) as events,
      coalesce((select last_signed_size from log_state), 0) as signed,
      (select count(*) from audit_queue) as pending,
      (select max(created_at) from audit_checkpoint) as signed_at`.execute(db)
  return rows[0] ?? { events: 0, signed: 0, pending: 0, signedAt: null }
}

export async function newestRefusals(db: Db) {
  return db
    .selectFrom('decision')
    .select(['id', 'at', 'actorName', 'resourceName', 'sentence'])
    .where('outcome', '=', 'denied')
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(8)
    .execute()
}

/** Leases that can be redeemed now. */
export async function liveLeases(db: Db): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from lease where state = 'issued' and expires_at > clock_timestamp()`.execute(
    db,
  )
  return rows[0]?.n ?? 0
}

interface ReplayedRow {
  readonly id: string
  readonly project: string
  readonly contexts: string[]
  readonly replays: number
  readonly at: Date
}

/** Leases that somebody tried to redeem again. */
export async function leasesShownTwice(db: Db, from: Date) {
  const { rows } = await sql<ReplayedRow>`
    with shown as (
      select lease_id, count(*)::int as replays, max(at) as at from lease_replay
      where at >= ${from} group by 1 order by 3 desc limit 8)
    select l.id, l.project_name as project, s.replays, s.at,
      array(select context_name from lease_context c where c.lease_id = l.id order by position) as contexts
    from shown s join lease l on l.id = s.lease_id order by s.at desc`.execute(db)
  return rows
}
