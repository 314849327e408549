import { sql, type RawBuilder } from 'kysely'
import { operations } from '../../../contract/index.ts'
import type { Permission } from '../../../contract/permissions.ts'
import { grantHolds } from '../../decision/live-grant.ts'
import { changes } from '../../http/asked.ts'
import {
  daysBefore,
  evidence,
  firstRows,
  inPerson,
  moreRows,
  nowhere,
  type Detection,
} from './detection.ts'

/** The grants `g` of a person, directly and by their teams, with their roles `r`. */
const grantsOf = (person: RawBuilder<unknown>) => sql`(
  select * from access_grant where person_id = ${person}
  union all select held.* from team_member h join access_grant held on held.team_id = h.team_id
    where h.person_id = ${person}) g join role r on r.id = g.role_id`

/** Whether a person holds a permission: anywhere, or where a condition says. */
const holds = (person: RawBuilder<unknown>, permission: Permission, now: Date, where = sql`true`) =>
  sql`exists (select from ${grantsOf(person)}
    where ${permission} = any (r.permissions) and ${grantHolds(now)} and ${where})`

/** Active people but `mine` who hold a permission where a condition says. */
const another = (
  mine: RawBuilder<unknown>,
  permission: Permission,
  now: Date,
  where: RawBuilder<unknown>,
) =>
  sql`exists (select from access_grant g join role r on r.id = g.role_id
    join person o on o.state = 'active' and o.id <> ${mine} and (o.id = g.person_id
      or exists (select from team_member h where h.team_id = g.team_id and h.person_id = o.id))
    where g.ended_at is null and ${permission} = any (r.permissions) and ${grantHolds(now)} and ${where})`

const everywhere = sql`g.scope_kind = 'organization'`
const aroundContext = sql`(g.scope_kind = 'organization' or g.context_id = c.id or g.segment_id = c.segment_id)`

/** The teams whose leads decide on the request `q`, as `features/requests/approvers.ts` has it. */
const deciding = sql`(m.team_id in (select team_id from team_member where person_id = q.requester_id)
  or m.team_id = (select team_id from project where id = q.project_id)
  or m.team_id = (select team_id from context where id = q.context_id))`

/** Active people who decide on every request there is, each as often as they were granted it, directly or by a team. */
const decidersOnAll = (now: Date) => {
  const granted = sql`g.ended_at is null and 'request:approve' = any (r.permissions) and ${grantHolds(now)} and ${everywhere}`
  return sql`(
    select o.id from access_grant g join role r on r.id = g.role_id
    join person o on o.id = g.person_id and o.state = 'active' where ${granted}
    union all select o.id from access_grant g join role r on r.id = g.role_id
    join team_member h on h.team_id = g.team_id join person o on o.id = h.person_id and o.state = 'active' where ${granted})`
}

/** Whether two do, so that none is left to its requester: asked once, before all else, and no further than the second. */
const twoDecideOnAll = (now: Date) => sql`exists (select from ${decidersOnAll(now)} one
  where one.id <> (select other.id from ${decidersOnAll(now)} other limit 1))`

/** Requests for access that only the requester would be left to approve. */
const requests = (now: Date) => sql`
  select q.requester_id as person_id, q.id, 'Request' as what, 'request' as kind,
    q.role_name || ' in ' || q.scope_name as name, q.created_at as at
  from access_request q where not ${twoDecideOnAll(now)} and q.created_at > ${daysBefore(now, 90)}
    and (${holds(sql`q.requester_id`, 'request:approve', now, everywhere)}
      or (${holds(sql`q.requester_id`, 'request:approve', now)}
        and exists (select from team_member m where m.lead and m.person_id = q.requester_id and ${deciding})))
    and not ${another(sql`q.requester_id`, 'request:approve', now, everywhere)}
    and not exists (select from team_member m join person l on l.id = m.person_id and l.state = 'active'
      where m.lead and l.id <> q.requester_id and ${deciding} and ${holds(sql`l.id`, 'request:approve', now)})`

/** Exceptions that only who asked would be left to approve: who may change the restrictions of the context decides. */
const exceptions = (now: Date) => sql`
  select x.requester_id as person_id, x.id, 'Exception' as what, 'exception' as kind,
    x.project_name || ' in ' || x.context_name as name, x.created_at as at
  from use_exception x join context c on c.id = x.context_id where x.created_at > ${daysBefore(now, 90)}
    and ${holds(sql`x.requester_id`, 'context:restrict', now, aroundContext)}
    and not ${another(sql`x.requester_id`, 'context:restrict', now, aroundContext)}`

/**
 * Permissions of which each use is recorded as a decision: those that a change asks for. Reading is not recorded, and a
 * context is used by runs, never by whoever holds the permission.
 */
const recordedPermissions: readonly string[] = [
  ...new Set(
    operations()
      .filter(({ spec }) => changes(spec) && spec.may.includes(':'))
      .map(({ spec }) => spec.may as string),
  ),
].filter((permission) => permission !== 'context:use')

/** For how long a permission must have lain idle, and its use must have been recorded. */
const idleDays = 90

/** What each role was used for by hand: through the grants that a decision names, or by an API token that has the role. */
const usedByHand = (now: Date) => sql`(
  select g.role_id, d.action from decision d
  cross join lateral jsonb_array_elements(d.layers) l cross join lateral jsonb_array_elements(l -> 'because') b
  join access_grant g on g.id::text = b ->> 'id'
  where d.actor_kind <> 'workload' and d.at > ${daysBefore(now, idleDays)} and d.outcome in ('permitted', 'would_deny')
    and l ->> 'layer' = 'grant' and b ->> 'kind' = 'grant'
  union select k.role_id, d.action from decision d join api_token k on k.id::text = d.actor_id
  where d.actor_kind = 'token' and d.at > ${daysBefore(now, idleDays)} and d.outcome in ('permitted', 'would_deny'))`

/** Whether a role, by its alias, stood unchanged and was held for as long: else its permissions had no time to be used. */
const standsLong = (
  role: RawBuilder<unknown>,
  now: Date,
) => sql`(${role}.created_at < ${daysBefore(now, idleDays)}
  and exists (select from access_grant g where g.role_id = ${role}.id and ${grantHolds(now)}
    and g.granted_at < ${daysBefore(now, idleDays)})
  and not exists (select from audit_entry e where e.resource_id = ${role}.id::text and e.action = 'roles.update'
    and e.occurred_at > ${daysBefore(now, idleDays)}))`

/** Duties that one person or one role has too many of. */
export const dutyDetections: readonly Detection[] = [
  {
    id: 'self-approval',
    title: 'Self-approval possible',
    why: 'They ask for access, and nobody but they could approve it. Sallyport lets nobody decide on their own request, so that it waits until it lapses, or is given past the rules: by a second account, or by a grant without a request.',
    severity: 'high',
    cicdRisk: 'CICD-SEC-1',
    controls: ['PCI DSS 7.2.3', 'SOC 2 CC6.3', 'HIPAA 164.308(a)(3)(ii)(C)'],
    subject: 'person',
    among: (now) => sql`x.state = 'active' and (
      exists (select from access_request q where q.requester_id = x.id and q.created_at > ${daysBefore(now, 90)})
      or exists (select from use_exception q where q.requester_id = x.id and q.created_at > ${daysBefore(now, 90)}))`,
    fix: { label: 'Let somebody else approve', opens: 'grantAdmin', on: 'subject_id' },
    heeds: {
      request: 'all',
      exception: 'all',
      grant: 'all',
      person: 'all',
      team: 'all',
      role: 'all',
    },
    query: (now) => sql`
      select p.id as subject_id, p.name as subject_name, ${inPerson}, ${moreRows} as more,
        'Nobody but ' || p.name || ' could approve what they asked for '
          || case count(*) when 1 then 'once' else count(*) || ' times' end || ' in 90 days.' as says,
        ${firstRows(
          evidence({
            what: sql`a.what`,
            kind: sql`a.kind`,
            id: sql`a.id`,
            name: sql`a.name`,
            at: sql`a.at`,
          }),
          sql`a.at desc, a.id`,
        )} as rows
      from (${requests(now)} union all ${exceptions(now)}) a
      join person p on p.id = a.person_id and p.state = 'active' group by p.id`,
  },
  {
    id: 'role-permissions-unused',
    title: 'Role with permissions that nobody uses',
    why: `For ${idleDays} days nobody who holds the role used these permissions by it. What nobody needs is only of use to whoever steals an account. Only roles that stood unchanged and were held all that time are looked at, and only permissions to change something: reading is not recorded. The roles that every installation has are left out: they cannot be changed, and are meant for many. Grant a copy with fewer permissions instead of them.`,
    severity: 'medium',
    cicdRisk: 'CICD-SEC-2',
    controls: ['PCI DSS 7.2.1', 'PCI DSS 7.2.2', 'SOC 2 CC6.3', 'NIST SP 800-207 tenet 3'],
    subject: 'role',
    among: () => sql`not x.built_in`,
    tells: {
      of: (now) => standsLong(sql.ref('x'), now),
      otherwise: `No role stood unchanged and was held for ${idleDays} days.`,
    },
    fix: { label: 'Take them out of the role', opens: 'role.edit', on: 'subject_id' },
    heeds: { role: 'subject_id' },
    recordedDays: idleDays,
    query: (now) => sql`
      select role.id as subject_id, role.name as subject_name, ${nowhere}, ${moreRows} as more,
        count(*) || ' of the ' || cardinality(role.permissions) || ' permissions of ' || role.name
          || case count(*) when 1 then ' was' else ' were' end || ' used by nobody in ${sql.lit(idleDays)} days.' as says,
        ${firstRows(
          evidence({
            what: sql`'Permission unused'`,
            kind: sql`'role'`,
            id: sql`role.id`,
            name: sql`idle.permission`,
          }),
          sql`idle.permission`,
        )} as rows
      from role cross join lateral unnest(role.permissions) idle(permission)
      where not role.built_in
        and idle.permission = any (${sql.val([...recordedPermissions])}::text[])
        and (select occurred_at from audit_entry order by leaf_index limit 1) < ${daysBefore(now, idleDays)}
        and ${standsLong(sql.ref('role'), now)}
        and (role.id, idle.permission) not in (
          select role_id, action from ${usedByHand(now)} used where role_id is not null)
      group by role.id`,
  },
]
