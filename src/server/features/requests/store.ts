import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import { firstRule } from '../../../contract/request-limits.ts'
import type { RequestRule, RequestState, RequestStep } from '../../../contract/requests.ts'
import type { Db } from '../../db/connect.ts'
import { countAlone } from '../../db/count-alone.ts'
import { grantHolds } from '../../decision/live-grant.ts'
import type { RequestStepTable } from '../../db/tables/requests.ts'
import { newId } from '../../db/new-id.ts'
import type { Actor, Reach } from '../../decision/types.ts'

export interface Approval {
  readonly by: string
  readonly step: RequestStep
  readonly roleVersion: number
}

/** The state as the clock has it, whether or not that was written down yet. */
const stateAt = (now: Date) => sql<RequestState>`case
  when r.state in ('pending', 'asked_back') and r.answer_by <= ${now} then 'lapsed'
  when r.state <> 'approved' then r.state
  when g.ended_at is not null and (g.expires_at is null or g.ended_at < g.expires_at) then 'revoked'
  when g.expires_at <= ${now} then 'expired'
  when g.starts_at > ${now} then 'scheduled'
  else 'active' end`

const ids = (all: readonly string[]): RawBuilder<string[]> => sql`${sql.val([...all])}::uuid[]`

/** Of a request: whether one of these teams is its requester's, or owns where it was asked for. */
const ledBy = (teams: RawBuilder<string[]>) =>
  sql<SqlBool>`(project.team_id = any(${teams}) or context.team_id = any(${teams})
    or exists (select from team_member m where m.person_id = r.requester_id
      and m.team_id = any(${teams})))`

/** Of a grant `g` of a role `r`: whoever holds it decides on every request. */
export const decidesOnAll = sql<SqlBool>`(g.scope_kind = 'organization'
  and 'request:approve' = any(r.permissions) and ${grantHolds()})`

/**
 * Of an approval `s`: whoever gave it is here, and might still give it. What was approved while it was asked for counts no
 * more once that was taken from them.
 */
const stillGiven = sql<SqlBool>`(
  exists (select from person a where a.id = s.person_id and a.state = 'active')
  and case s.step
    when 'security' then exists (
      select from access_grant g join role r on r.id = g.role_id where ${decidesOnAll}
        and (g.person_id = s.person_id
          or g.team_id in (select m.team_id from team_member m where m.person_id = s.person_id)))
    else ${ledBy(sql`array(select l.team_id from team_member l where l.person_id = s.person_id and l.lead)`)}
    end)`

const selectRequests = (db: Db, now: Date) =>
  db
    .selectFrom('accessRequest as r')
    .innerJoin('person as p', 'p.id', 'r.requesterId')
    .leftJoin('role', 'role.id', 'r.roleId')
    .leftJoin('requestRule as rule', 'rule.roleId', 'r.roleId')
    .leftJoin('project', 'project.id', 'r.projectId')
    .leftJoin('context', 'context.id', 'r.contextId')
    .leftJoin('accessGrant as g', 'g.id', 'r.grantId')
    .leftJoin('person as ender', 'ender.id', 'g.endedBy')
    .selectAll('r')
    .select([
      stateAt(now).as('stateNow'),
      'p.name as requesterName',
      'p.state as requesterState',
      'p.lastSeenAt as requesterSeenAt',
      sql<string>`coalesce(role.name, r.role_name)`.as('roleNameNow'),
      sql<string[]>`coalesce(role.permissions, '{}')`.as('permissions'),
      sql<string>`coalesce(role.description, '')`.as('description'),
      'role.version as roleVersion',
      'rule.requestable',
      'rule.maxMinutes',
      'rule.leadApprovals',
      'rule.securityApprovals',
      'rule.answerMinutes',
      sql<string | null>`coalesce(r.segment_id, project.segment_id, context.segment_id)`.as(
        'withinSegment',
      ),
      sql<string | null>`coalesce(project.team_id, context.team_id)`.as('ownerTeam'),
      sql<string[]>`array(select team_id from team_member where person_id = r.requester_id)`.as(
        'requesterTeams',
      ),
      sql<Approval[]>`coalesce((select jsonb_agg(jsonb_build_object(
          'by', s.person_id, 'step', s.step, 'roleVersion', s.role_version) order by s.id)
        from request_step s where s.request_id = r.id and s.kind = 'approved'
          and (r.state not in ('pending', 'asked_back') or ${stillGiven})), '[]')`.as('approvals'),
      sql<Date | null>`coalesce(g.starts_at, g.granted_at)`.as('grantStartsAt'),
      'g.expiresAt as grantExpiresAt',
      'g.endedAt as grantEndedAt',
      'g.endReason as grantEndReason',
      'g.endedBy as grantEndedBy',
      'ender.name as enderName',
      sql<boolean>`exists (select from access_request b join access_grant bg on bg.id = b.grant_id
        where b.id = r.extends_id and (bg.ended_at < coalesce(bg.expires_at, 'infinity')
          or bg.expires_at < r.starts_at))`.as('extendsEnded'),
    ])

export type RequestRow = Awaited<
  ReturnType<ReturnType<typeof selectRequests>['executeTakeFirstOrThrow']>
>

export const findRequest = (db: Db, id: string, now: Date): Promise<RequestRow | undefined> =>
  selectRequests(db, now).where('r.id', '=', id).executeTakeFirst()

/**
 * Whoever decides on it at this moment goes first; the role as it is approved is the role that is granted; and what it goes
 * on with is not ended meanwhile: whoever ends that finds what goes on with it, or has ended it already.
 */
export async function lockRequest(db: Db, id: string, roleId: string | null): Promise<void> {
  if (roleId) await db.selectFrom('role').select('id').where('id', '=', roleId).forShare().execute()
  await db.selectFrom('accessRequest').select('id').where('id', '=', id).forUpdate().execute()
  await sql`select from access_request r join access_request b on b.id = r.extends_id
    join access_grant g on g.id = b.grant_id where r.id = ${id} for share of g`.execute(db)
}

/** The rule of a role: what somebody said, or what every role begins with. */
export const ruleOf = (
  row: { readonly [K in keyof RequestRule]: RequestRule[K] | null } | undefined,
): RequestRule => ({
  requestable: row?.requestable ?? firstRule.requestable,
  maxMinutes: row?.maxMinutes ?? firstRule.maxMinutes,
  leadApprovals: row?.leadApprovals ?? firstRule.leadApprovals,
  securityApprovals: row?.securityApprovals ?? firstRule.securityApprovals,
  answerMinutes: row?.answerMinutes ?? firstRule.answerMinutes,
})

export const catalogue = (db: Db, roleId?: string) =>
  db
    .selectFrom('role')
    .leftJoin('requestRule as rule', 'rule.roleId', 'role.id')
    .select(['role.id', 'role.name', 'role.description', 'role.permissions'])
    .select(['rule.requestable', 'rule.maxMinutes', 'rule.leadApprovals'])
    .select(['rule.securityApprovals', 'rule.answerMinutes'])
    .select(sql<number>`coalesce(rule.version, 0)`.as('version'))
    .$if(roleId !== undefined, (rows) => rows.where('role.id', '=', roleId ?? ''))
    .orderBy('role.builtIn', 'desc')
    .orderBy(sql`lower(role.name)`)
    .limit(500)
    .execute()

/** What one is to a request, as conditions of a query: whose it is, whose team asks or owns, where one sees or decides. */
export interface Stake {
  readonly personId: string
  readonly leads: readonly string[]
  readonly everywhere: boolean
  readonly sees: Reach
}

const within = ({ everywhere, segments, projects, contexts }: Reach) =>
  everywhere
    ? sql<SqlBool>`true`
    : sql<SqlBool>`(coalesce(r.segment_id, project.segment_id, context.segment_id) = any(${ids(segments)})
        or r.project_id = any(${ids(projects)}) or r.context_id = any(${ids(contexts)}))`

/** Waits for this person: not theirs, not approved by them yet, and of a step in which they count. */
function waitsFor({ personId, leads, everywhere }: Stake, now: Date) {
  const current = sql`select from request_step s
    where s.request_id = r.id and s.kind = 'approved' and s.role_version = role.version
      and ${stillGiven}`
  const leadOpen = sql<SqlBool>`coalesce(rule.lead_approvals, ${firstRule.leadApprovals})
    > (select count(*) from (${current} and s.step = 'lead') as given)`
  return sql<SqlBool>`(r.state = 'pending' and r.answer_by > ${now} and r.role_id is not null
    and r.requester_id <> ${personId} and p.state = 'active'
    and not exists (${current} and s.person_id = ${personId})
    and (${everywhere} or (${ledBy(ids(leads))} and ${leadOpen})))`
}

type Filters = Omit<InputOf<'requests.list'>, 'cursor' | 'limit'>

function matching(db: Db, stake: Stake, query: Filters, now: Date) {
  let rows = selectRequests(db, now)
  const { personId, leads, everywhere, sees } = stake
  const own = sql<SqlBool>`r.requester_id = ${personId}`
  if (query.which === 'mine') rows = rows.where(own)
  else if (query.which === 'decide') rows = rows.where(waitsFor(stake, now))
  else if (!everywhere) {
    rows = rows.where(sql<SqlBool>`(${own} or ${within(sees)} or ${ledBy(ids(leads))})`)
  }
  const { state, role, person } = query
  if (state === 'open')
    rows = rows.where(sql<SqlBool>`${stateAt(now)} in ('pending', 'asked_back')`)
  else if (state) rows = rows.where(sql<SqlBool>`${stateAt(now)} = ${state}`)
  if (role) rows = rows.where('r.roleId', '=', role)
  if (person) rows = rows.where('r.requesterId', '=', person)
  return rows
}

export async function listRequests(
  db: Db,
  stake: Stake,
  query: InputOf<'requests.list'>,
  now: Date,
  after?: string,
): Promise<RequestRow[]> {
  const rows = matching(db, stake, query, now)
    .orderBy('r.id', 'desc')
    .limit(query.limit + 1)
  return (after ? rows.where('r.id', '<', after) : rows).execute()
}

/** The same, only to be counted, up to so many. */
export const someRequests = (db: Db, stake: Stake, query: Filters, now: Date, limit: number) =>
  matching(db, stake, query, now).clearSelect().select('r.id').limit(limit)

/** Those of one's own that were asked back, with the question, newest first. */
export const askedBack = (db: Db, personId: string, now: Date) =>
  selectRequests(db, now)
    .where('r.requesterId', '=', personId)
    .where('r.state', '=', 'asked_back')
    .where('r.answerBy', '>', now)
    .select(
      sql<string>`(select s.text from request_step s where s.request_id = r.id
        and s.kind = 'asked_back' order by s.id desc limit 1)`.as('question'),
    )
    .orderBy('r.id', 'desc')
    .limit(50)
    .execute()

/** What people did with requests, in its order. */
export const stepsOf = (db: Db, requestIds: readonly string[]) =>
  db
    .selectFrom('requestStep as s')
    .innerJoin('person as p', 'p.id', 's.personId')
    .selectAll('s')
    .select('p.name as personName')
    .where('s.requestId', 'in', requestIds)
    .orderBy('s.id')
    .execute()

export type NewStep = Pick<RequestStepTable, 'kind' | 'personId' | 'at' | 'text'> &
  Partial<Pick<RequestStepTable, 'step' | 'roleVersion'>>

export async function addStep(
  db: Db,
  { id, requesterId }: Pick<RequestRow, 'id' | 'requesterId'>,
  step: NewStep,
): Promise<void> {
  await db
    .insertInto('requestStep')
    .values({ id: newId(), requestId: id, requesterId, step: null, roleVersion: null, ...step })
    .execute()
}

/** Until when the person holds the role in the place or above it at a moment; `null` without an end. */
export async function heldUntil(
  db: Db,
  personId: string,
  roleId: string,
  place: { readonly segment?: string; readonly project?: string; readonly context?: string },
  at: Date,
): Promise<Date | null | undefined> {
  const { segment = null, project = null, context = null } = place
  const row = await db
    .selectFrom('accessGrant as g')
    .select('g.expiresAt')
    .where('g.roleId', '=', roleId)
    .where(grantHolds(at))
    .where(sql<SqlBool>`(g.person_id = ${personId} or g.team_id in (
      select team_id from team_member where person_id = ${personId}))`)
    .where(sql<SqlBool>`(g.scope_kind = 'organization' or g.segment_id = ${segment}::uuid
      or g.project_id = ${project}::uuid or g.context_id = ${context}::uuid)`)
    .orderBy('g.expiresAt', (order) => order.desc().nullsFirst())
    .limit(1)
    .executeTakeFirst()
  return row?.expiresAt
}

/** How many requests of somebody are open, with no other made until this transaction has ended. */
export const openOf = async (db: Db, personId: string, now: Date): Promise<number> => {
  await countAlone(db, `requests of ${personId}`)
  const { open } = await db
    .selectFrom('accessRequest')
    .select(({ fn }) => fn.countAll<number>().as('open'))
    .where('requesterId', '=', personId)
    .where('state', 'in', ['pending', 'asked_back'])
    .where('answerBy', '>', now)
    .executeTakeFirstOrThrow()
  return open
}

/** The teams that a person leads. */
export const ledTeams = (actor: Actor): string[] =>
  actor.teams.filter(({ lead }) => lead).map(({ id }) => id)
