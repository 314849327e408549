import { sql, type RawBuilder } from 'kysely'
import type { ReviewScopeKind } from '../../../contract/reviews.ts'
import type { Db } from '../../db/connect.ts'
import { grantHolds } from '../../decision/live-grant.ts'
import { isPrivileged } from '../../decision/privileged.ts'
import { holdsPower } from '../reach/service.ts'

/** What is looked at. */
export interface ReviewScope {
  readonly kind: ReviewScopeKind
  readonly id: string | null
  readonly privileged: boolean
  readonly unusedDays: number | null
}

/** One grant as it reaches one person, directly or by a team. */
export interface Holding {
  readonly grantId: string
  readonly subjectKind: 'person' | 'team'
  readonly teamId: string | null
  readonly teamName: string | null
  readonly personId: string
  readonly personName: string
  readonly email: string
  readonly leftAt: Date | null
  readonly lastSeenAt: Date | null
  /** From when the person is known. */
  readonly personSince: Date
  readonly roleId: string
  readonly roleName: string
  readonly privileged: boolean
  readonly scopeKind: 'organization' | 'segment' | 'project' | 'context'
  readonly segmentId: string | null
  readonly projectId: string | null
  readonly contextId: string | null
  readonly scopeName: string | null
  readonly segmentName: string | null
  readonly tier: string | null
  readonly ownerTeam: string | null
  readonly expiresAt: Date | null
  readonly grantedAt: Date
  /** From when the person has it: a team's from when they are in the team. */
  readonly heldSince: Date
  readonly grantedBy: string | null
  readonly reason: string
  /** By the person, whoever else used it. */
  readonly lastUsedAt: Date | null
  readonly uses: number
  /** By whoever it reaches, all together. */
  readonly grantUsedAt: Date | null
  readonly grantUses: number
  /** From when it is known who of the team used it; null: all the time. */
  readonly bySince: Date | null
}

/** Most lines of one review: what nobody can answer is no review. */
export const mostLines = 20_000

/** Each live grant with everybody whom it reaches. */
const reached = sql`
  from access_grant g
  join role r on r.id = g.role_id
  left join team_member m on m.team_id = g.team_id
  join person p on p.id = coalesce(g.person_id, m.person_id)
  left join project on project.id = g.project_id
  left join context on context.id = g.context_id`

/**
 * What reaches a scope: what is granted on it, and what is granted around it by a role that may use or change what lies
 * there, which is how reach is counted as well. Who only sees everything everywhere is left out of a place's review.
 */
function within({ kind, id }: ReviewScope): RawBuilder<unknown> {
  switch (kind) {
    case 'organization':
      return sql`true`
    case 'team':
      return sql`p.id in (select person_id from team_member where team_id = ${id}::uuid)`
    case 'role':
      return sql`g.role_id = ${id}::uuid`
    case 'segment':
      return sql`(coalesce(g.segment_id, project.segment_id, context.segment_id) = ${id}::uuid
        or g.scope_kind = 'organization' and ${holdsPower('r', 'segment')})`
    case 'context':
      return sql`(g.context_id = ${id}::uuid or ${holdsPower('r', 'context')} and (g.scope_kind = 'organization'
        or g.segment_id = (select segment_id from context where id = ${id}::uuid)))`
  }
}

/** Whose leads own what is looked at: of a context's review its own team, also of what is granted around it. */
const ownerTeam = ({ kind, id }: ReviewScope) =>
  kind === 'context'
    ? sql`(select team_id from context where id = ${id}::uuid)`
    : sql`coalesce(project.team_id, context.team_id)`

/** That somebody did not use what they have since: it is theirs for longer, and known of them, or of nobody at all. */
const unused = (since: Date) => sql`
  greatest(g.granted_at, m.created_at) < ${since} and (mine.last_used_at is null or mine.last_used_at < ${since})
  and (u.by_since is null or u.by_since < ${since} or u.last_used_at < ${since}
    or p.last_seen_at is null or p.last_seen_at < ${since})`

/** Who holds what within a scope at this moment, by person; one more than the most, so that too many are seen. */
export async function holdingsIn(db: Db, scope: ReviewScope, now: Date): Promise<Holding[]> {
  const { privileged, unusedDays } = scope
  const since = unusedDays && new Date(now.getTime() - unusedDays * 86_400_000)
  const { rows } = await sql<Holding>`
    select g.id as grant_id, g.subject_kind, g.team_id, t.name as team_name,
      p.id as person_id, p.name as person_name, p.email, case p.state when 'left' then p.left_at end as left_at,
      p.last_seen_at, p.created_at as person_since,
      r.id as role_id, r.name as role_name, ${isPrivileged('r')} as privileged,
      g.scope_kind, g.segment_id, g.project_id, g.context_id, g.scope_name,
      s.name as segment_name, s.tier, ${ownerTeam(scope)} as owner_team,
      g.expires_at, g.granted_at, greatest(g.granted_at, m.created_at) as held_since,
      granter.name as granted_by, g.reason,
      mine.last_used_at, coalesce(mine.uses, 0)::int as uses,
      u.last_used_at as grant_used_at, coalesce(u.uses, 0)::int as grant_uses, u.by_since
    ${reached}
    left join team t on t.id = g.team_id
    left join segment s on s.id = coalesce(g.segment_id, project.segment_id, context.segment_id)
    left join person granter on granter.id = g.granted_by
    left join grant_used u on u.grant_id = g.id
    left join grant_used_by mine on mine.grant_id = g.id and mine.person_id = p.id
    where ${grantHolds(now)} and ${within(scope)}
      ${privileged ? sql`and ${isPrivileged('r')}` : sql``}
      ${since ? sql`and ${unused(since)}` : sql``}
    order by lower(p.name), p.id, lower(r.name), g.id
    limit ${mostLines + 1}`.execute(db)
  return rows
}

/** Where a role holds, as a key to compare by. */
export const placeKey = (
  row: Pick<Holding, 'scopeKind' | 'segmentId' | 'projectId' | 'contextId'>,
) =>
  row.scopeKind === 'organization'
    ? 'organization'
    : `${row.scopeKind} ${row.segmentId ?? row.projectId ?? row.contextId}`

interface Held extends Pick<
  Holding,
  'roleId' | 'scopeKind' | 'segmentId' | 'projectId' | 'contextId'
> {
  readonly personId: string
}

/** Everybody who holds one of these roles anywhere: `<role> <place>` → people. */
export async function holdersOf(db: Db, roleIds: readonly string[], now: Date) {
  const { rows } = await sql<Held>`
    select distinct g.role_id, g.scope_kind, g.segment_id, g.project_id, g.context_id, p.id as person_id
    ${reached}
    where ${grantHolds(now)} and p.state = 'active' and g.role_id = any(${sql.val([...roleIds])}::uuid[])`.execute(
    db,
  )
  const holders = new Map<string, Set<string>>()
  for (const row of rows) {
    const key = `${row.roleId} ${placeKey(row)}`
    const there = holders.get(key)
    if (there) there.add(row.personId)
    else holders.set(key, new Set([row.personId]))
  }
  return holders
}

/** Active people of teams. */
export interface Membership {
  readonly teamId: string
  readonly personId: string
  readonly lead: boolean
}

/** Everybody in the teams that these people are in, and in these teams. */
export async function membershipsAround(
  db: Db,
  personIds: readonly string[],
  teamIds: readonly string[],
): Promise<Membership[]> {
  const { rows } = await sql<Membership>`
    select m.team_id, m.person_id, m.lead from team_member m
    join person p on p.id = m.person_id and p.state = 'active'
    where m.team_id = any(${sql.val([...teamIds])}::uuid[]) or m.team_id in (
      select team_id from team_member where person_id = any(${sql.val([...personIds])}::uuid[]))`.execute(
    db,
  )
  return rows
}

/** Those of these people who are active. */
export async function activeOf(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('person')
    .select(['id', 'name'])
    .where('id', 'in', [...ids])
    .where('state', '=', 'active')
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
