import { sql, type RawBuilder } from 'kysely'
import { grantHolds } from '../../decision/live-grant.ts'
import { isPrivileged } from '../../decision/privileged.ts'
import {
  daysBefore,
  evidence,
  firstRows,
  inPerson,
  moreRows,
  nowhere,
  organizationId,
  type Detection,
} from './detection.ts'

/** Where a grant `g` holds: its place, and the segment that lies around a project or context. */
const aroundGrant = sql`coalesce(g.segment_id, (select segment_id from project where id = g.project_id),
  (select segment_id from context where id = g.context_id))`
const grantPlace = sql`g.person_id, g.project_id, g.context_id, ${aroundGrant} as segment_id`
const place = sql`coalesce(g.scope_name, 'the organization')`
const holder = sql`coalesce(p.name, 'team ' || t.name)`
/** As a sentence begins. */
const theHolder = sql`coalesce(p.name, 'Team ' || t.name)`
const grantRow = evidence({
  what: sql`'Grant'`,
  kind: sql`'grant'`,
  id: sql`g.id`,
  name: sql`r.name || ' in ' || ${place}`,
  says: sql`nullif(g.reason, '')`,
  at: sql`g.granted_at`,
})
const usedRow = evidence({
  what: sql`'Last used'`,
  name: sql`case when u.last_used_at is null then 'never' else u.uses || ' times' end`,
  at: sql`u.last_used_at`,
})
const fromGrants = sql`from access_grant g join role r on r.id = g.role_id
  left join person p on p.id = g.person_id left join team t on t.id = g.team_id
  left join grant_used u on u.grant_id = g.id`
const grantName = sql`r.name || ' of ' || ${holder}`

/** The teams of the person `p` that hold grants, with how many and what: those first that are left here, and not at the identity provider. */
const held = {
  from: (now: Date) => sql`lateral (
    select t.id, t.name as team, m.source, m.created_at, count(*) as grants,
      string_agg(r.name || ' in ' || ${place}, ', ' order by g.granted_at, g.id) as names
    from team_member m join team t on t.id = m.team_id join access_grant g on g.team_id = t.id
    join role r on r.id = g.role_id where m.person_id = p.id and ${grantHolds(now)} group by m.team_id, m.person_id, t.id) held`,
  row: evidence({
    what: sql`'Member of'`,
    kind: sql`'team'`,
    id: sql`held.id`,
    name: sql`held.team`,
    says: sql`'holds ' || left(held.names, 300)
      || case held.source when 'idp' then '; a member by the identity provider' else '' end`,
    at: sql`held.created_at`,
  }),
  order: sql`held.source = 'idp', lower(held.team), held.id`,
}

/** Whatever changes a grant, its holder, its role or its team. */
const heedsGrants = { grant: 'subject_id', person: 'person_id', role: 'all', team: 'all' } as const

/** Who of the team `t` came in the last 30 days: whose title says that they lead, else who is in it longest. */
const likelyLead = (now: Date) => sql`
  select jsonb_build_array(${evidence({
    what: sql`'Likely lead'`,
    kind: sql`'person'`,
    id: sql`p.id`,
    name: sql`p.name`,
    says: sql`case when p.title <> '' then p.title || ', in it' else 'In it' end || ' since ' || to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD')`,
    at: sql`p.last_seen_at`,
  })})
  from team_member m join person p on p.id = m.person_id
  where m.team_id = t.id and p.state = 'active' and p.last_seen_at > ${daysBefore(now, 30)}
  order by p.title ~* '\\m(lead|head|manager)\\M' desc, m.created_at, lower(p.name), p.id limit 1`

/** What a role permits beyond seeing: to change something, or to have a run use it. To take away what one sees is seeing. */
const isActing = sql`not ${isPrivileged('r')} and exists (
  select from unnest(r.permissions) held where held !~ ':view$' and held not in ('audit:export', 'apiToken:create'))`

/** Of a grant by its alias and the segment around it: in a production segment, or everywhere where there is one. */
const inProduction = (grant: 'g' | 'x', around: RawBuilder<unknown>) =>
  sql`(case ${sql.ref(`${grant}.scope_kind`)} when 'organization' then exists (select from segment where tier = 'production')
    else ${around} in (select id from segment where tier = 'production') end)`

/** Of a grant `x`, when a score is worked out: what its role is like, and that its holder is here. */
const isOf = (what: 'privileged' | 'acting') =>
  sql`x.role_id in (select r.id from role r where ${what === 'privileged' ? isPrivileged('r') : isActing})`
const byActive = sql`not exists (select from person h where h.id = x.person_id and h.state = 'left')`

export const accessDetections: readonly Detection[] = [
  {
    id: 'leaver-grant',
    title: 'Grant of somebody who has left',
    why: 'Whoever has left needs nothing. The grant comes alive with the person: one wrong click, or one import that marks them as returned, and they are back in.',
    severity: 'critical',
    cicdRisk: 'CICD-SEC-2',
    controls: ['PCI DSS 8.2.5', 'SOC 2 CC6.2', 'HIPAA 164.308(a)(3)(ii)(C)'],
    subject: 'grant',
    among: () => sql`x.person_id is not null`,
    fix: { label: 'Revoke grant', opens: 'grant.revoke', on: 'subject_id' },
    heeds: heedsGrants,
    query: (now) => sql`
      select g.id as subject_id, ${grantName} as subject_name, ${grantPlace}, 0 as more,
        p.name || ' has left and holds ' || r.name || ' in ' || ${place} || '.' as says,
        jsonb_build_array(${grantRow}, ${evidence({
          what: sql`'Person'`,
          kind: sql`'person'`,
          id: sql`p.id`,
          name: sql`p.name`,
          says: sql`'left'`,
          at: sql`p.left_at`,
        })}) as rows
      ${fromGrants} where ${grantHolds(now)} and p.state = 'left'`,
  },
  {
    id: 'leaver-team',
    title: 'Somebody who has left in a team that holds grants',
    why: 'What a team holds names each of its members. It comes alive with the person: one wrong click, or one import that marks them as returned, and they are back in.',
    severity: 'critical',
    cicdRisk: 'CICD-SEC-2',
    controls: ['PCI DSS 8.2.5', 'SOC 2 CC6.2', 'HIPAA 164.308(a)(3)(ii)(C)'],
    subject: 'person',
    among: () => sql`x.state = 'left'`,
    fix: { label: 'Take them out of the team', opens: 'team.out', on: 'subject_id' },
    heeds: { person: 'subject_id', holder: 'subject_id', team: 'all' },
    query: (now) => sql`
      select p.id as subject_id, p.name as subject_name, ${inPerson}, ${moreRows} as more,
        p.name || ' has left and is still in '
          || case count(*) when 1 then 'team ' || min(held.team) else count(*) || ' teams' end
          || ', by which ' || sum(held.grants) || case sum(held.grants) when 1 then ' grant names' else ' grants name' end || ' them.' as says,
        ${firstRows(held.row, held.order)} as rows
      from person p cross join ${held.from(now)} where p.state = 'left' group by p.id`,
  },
  {
    id: 'privileged-unused',
    title: 'Privileged grant that nobody uses',
    why: 'A grant that widens access and was not used for 90 days is only of use to whoever steals it. It can be asked for again in a minute.',
    severity: 'high',
    cicdRisk: 'CICD-SEC-2',
    controls: ['PCI DSS 7.2.2', 'PCI DSS 7.2.4', 'SOC 2 CC6.3'],
    subject: 'grant',
    among: () => sql`${isOf('privileged')} and ${byActive}`,
    fix: { label: 'Revoke grant', opens: 'grant.revoke', on: 'subject_id' },
    heeds: heedsGrants,
    query: (now) => sql`
      select g.id as subject_id, ${grantName} as subject_name, ${grantPlace}, 0 as more,
        ${theHolder} || ' holds ' || r.name || ' in ' || ${place} || ' and '
          || case when u.last_used_at is null then 'never used it.' else 'has not used it for 90 days.' end as says,
        jsonb_build_array(${grantRow}, ${usedRow}) as rows
      ${fromGrants} where ${grantHolds(now)} and ${isPrivileged('r')}
        and g.granted_at < ${daysBefore(now, 90)} and coalesce(p.state, 'active') = 'active'
        and (u.last_used_at is null or u.last_used_at < ${daysBefore(now, 90)})`,
  },
  {
    id: 'grant-without-end',
    title: 'Privileged grant without an end',
    why: 'What never ends is never thought of again. Those of the first administrators are by the settings, and those of leavers are found as such: neither is here. Privileged roles that end by themselves are asked for while they are needed, and are gone when they are not.',
    severity: 'medium',
    cicdRisk: 'CICD-SEC-2',
    controls: ['PCI DSS 7.2.2', 'PCI DSS 7.2.4', 'SOC 2 CC6.3', 'NIST SP 800-207 tenet 3'],
    subject: 'grant',
    among: () => sql`${isOf('privileged')} and ${byActive} and x.granted_by is not null`,
    fix: { label: 'Set an end', opens: 'grant.end', on: 'subject_id' },
    heeds: heedsGrants,
    // Whom the settings name as first administrator must hold it without an end, or nobody could administer.
    query: (now) => sql`
      select g.id as subject_id, ${grantName} as subject_name, ${grantPlace}, 0 as more,
        ${theHolder} || ' holds ' || r.name || ' in ' || ${place} || ' without an end.' as says,
        jsonb_build_array(${grantRow}) as rows
      ${fromGrants} where ${grantHolds(now)} and g.expires_at is null and g.granted_by is not null
        and ${isPrivileged('r')} and coalesce(p.state, 'active') = 'active'`,
  },
  {
    id: 'production-grant-without-end',
    title: 'Grant in production without an end',
    why: 'Whoever once worked on production keeps what they held, and nobody is asked again. Roles that only see are left out, and so are privileged ones, which weigh more and are found by themselves.',
    severity: 'low',
    cicdRisk: 'CICD-SEC-2',
    controls: ['PCI DSS 7.2.2', 'PCI DSS 7.2.4', 'SOC 2 CC6.3', 'NIST SP 800-207 tenet 3'],
    subject: 'grant',
    among: () =>
      sql`${isOf('acting')} and ${byActive} and x.granted_by is not null and ${inProduction('x', sql`x.around_id`)}`,
    fix: { label: 'Set an end', opens: 'grant.end', on: 'subject_id' },
    heeds: { ...heedsGrants, segment: 'segment_id' },
    query: (now) => sql`
      select g.id as subject_id, ${grantName} as subject_name, ${grantPlace}, 0 as more,
        ${theHolder} || ' holds ' || r.name || ' in ' || ${place} || ' without an end'
          || case g.scope_kind when 'organization' then ', also in production.' else ', which is production.' end as says,
        jsonb_build_array(${grantRow}) as rows
      ${fromGrants} where ${grantHolds(now)} and g.expires_at is null and g.granted_by is not null
        and ${isActing} and coalesce(p.state, 'active') = 'active' and ${inProduction('g', aroundGrant)}`,
  },
  {
    id: 'dormant-access',
    title: 'Dormant person with access',
    why: 'An account that nobody looks at is taken over unnoticed. PCI DSS has inactive accounts removed or disabled within 90 days.',
    severity: 'medium',
    cicdRisk: 'CICD-SEC-2',
    controls: ['PCI DSS 8.2.6', 'SOC 2 CC6.2'],
    subject: 'person',
    among: (now) => sql`x.state = 'active' and (
      exists (select from access_grant g where g.person_id = x.id and ${grantHolds(now)})
      or exists (select from team_member m join access_grant g on g.team_id = m.team_id
        where m.person_id = x.id and ${grantHolds(now)}))`,
    fix: { label: 'Take away what they hold', opens: 'grants.revoke', on: 'subject_id' },
    heeds: { person: 'subject_id', holder: 'subject_id', team: 'all' },
    query: (now) => sql`
      select p.id as subject_id, p.name as subject_name, ${inPerson}, ${moreRows} as more,
        p.name || case when p.last_seen_at is null then ' never signed in' else ' was not here for 90 days' end
          || ' and holds ' || count(*) || case count(*) when 1 then ' grant.' else ' grants.' end as says,
        ${firstRows(
          evidence({
            what: sql`case when g.team_id is null then 'Grant' else 'Grant by team' end`,
            kind: sql`'grant'`,
            id: sql`g.id`,
            name: sql`r.name || ' in ' || ${place}`,
            at: sql`g.granted_at`,
          }),
          sql`g.granted_at, g.id`,
        )} || coalesce((select ${firstRows(held.row, held.order)} from ${held.from(now)}), '[]') as rows
      from person p
      join lateral (
        select * from access_grant where person_id = p.id and ended_at is null
        union all select t.* from team_member m join access_grant t on t.team_id = m.team_id
          where m.person_id = p.id and t.ended_at is null) g on ${grantHolds(now)}
      join role r on r.id = g.role_id
      where p.state = 'active' and p.created_at < ${daysBefore(now, 90)}
        and (p.last_seen_at is null or p.last_seen_at < ${daysBefore(now, 90)})
      group by p.id`,
  },
  {
    id: 'few-administrators',
    title: 'Nobody could stand in for the administrator',
    why: 'Enforcing a policy and cutting access in an incident take a second person. Where only one active person administers, their absence stops both, and what they do is approved by nobody.',
    severity: 'high',
    cicdRisk: 'CICD-SEC-1',
    controls: ['SOC 2 CC6.3', 'HIPAA 164.312(a)(2)(ii)'],
    subject: 'organization',
    fix: { label: 'Grant Security admin to another', opens: 'grantAdmin', on: 'subject_id' },
    heeds: { grant: 'all', person: 'all', team: 'all', role: 'all' },
    query: (now) => sql`
      select ${organizationId}::uuid as subject_id, 'The organization' as subject_name, ${nowhere}, 0 as more,
        'Of the people who may enforce policies everywhere, '
          || case count(*) when 0 then 'nobody was' else 'only one was' end || ' here in the last 30 days.' as says,
        coalesce(jsonb_agg(${evidence({
          what: sql`'Person'`,
          kind: sql`'person'`,
          id: sql`a.id`,
          name: sql`a.name`,
          at: sql`a.last_seen_at`,
        })}), '[]') as rows
      from (
        select distinct p.id, p.name, p.last_seen_at from access_grant g join role r on r.id = g.role_id
        join person p on p.id = g.person_id or exists (
          select from team_member m where m.team_id = g.team_id and m.person_id = p.id)
        where ${grantHolds(now)} and g.scope_kind = 'organization' and 'policy:enforce' = any (r.permissions)
          and p.state = 'active' and p.last_seen_at > ${daysBefore(now, 30)}) a
      having count(*) < 2`,
  },
  {
    id: 'role-unheld',
    title: 'Role that nobody holds',
    why: 'A role that nobody held for 30 days is a set of permissions that nobody reviews, ready to be granted by mistake.',
    severity: 'low',
    cicdRisk: 'CICD-SEC-2',
    controls: ['PCI DSS 7.2.1', 'SOC 2 CC6.3'],
    subject: 'role',
    among: () => sql`not x.built_in`,
    fix: { label: 'Delete the role', opens: 'role.delete', on: 'subject_id' },
    heeds: { role: 'subject_id', grant: 'all' },
    query: (now) => sql`
      select r.id as subject_id, r.name as subject_name, ${nowhere}, 0 as more,
        'Nobody holds ' || r.name || ', and no API token has it.' as says,
        jsonb_build_array(${evidence({
          what: sql`'Role'`,
          kind: sql`'role'`,
          id: sql`r.id`,
          name: sql`cardinality(r.permissions) || ' permissions'`,
          at: sql`r.created_at`,
        })}) as rows
      from role r where not r.built_in and r.created_at < ${daysBefore(now, 30)}
        and not exists (select from access_grant g where g.role_id = r.id
          and (g.ended_at is null or g.ended_at > ${daysBefore(now, 30)})
          and (g.expires_at is null or g.expires_at > ${daysBefore(now, 30)}))
        and not exists (select from api_token k where k.role_id = r.id and k.revoked_at is null and k.expires_at > ${now})`,
  },
  {
    id: 'team-without-lead',
    title: 'Team without a lead',
    why: 'Nobody approves what its people ask for, and nobody reviews what they hold.',
    severity: 'low',
    cicdRisk: 'CICD-SEC-2',
    controls: ['PCI DSS 7.2.3', 'PCI DSS 7.2.4'],
    subject: 'team',
    among: () => sql`exists (
      select from team_member m join person p on p.id = m.person_id and p.state = 'active' where m.team_id = x.id)`,
    fix: { label: 'Name a lead', opens: 'team', on: 'subject_id' },
    heeds: { team: 'subject_id', person: 'all', session: 'all' },
    query: (now) => sql`
      select t.id as subject_id, t.name as subject_name, ${nowhere}, 0 as more,
        'Of ' || count(*) || ' in ' || t.name || ', nobody who is here leads.' as says,
        jsonb_build_array(${evidence({
          what: sql`'Team'`,
          kind: sql`'team'`,
          id: sql`t.id`,
          name: sql`t.name`,
          says: sql`count(*) || ' people'`,
        })}) || coalesce((${likelyLead(now)}), '[]') as rows
      from team t join team_member m on m.team_id = t.id join person p on p.id = m.person_id and p.state = 'active'
      group by t.id having not bool_or(m.lead)`,
  },
  {
    id: 'token-unused',
    title: 'API token that nobody uses',
    why: 'A token that was not used for 30 days still opens what its role permits, and lies somewhere in a file or a CI variable.',
    severity: 'medium',
    cicdRisk: 'CICD-SEC-6',
    controls: ['PCI DSS 8.6.3', 'PCI DSS 7.2.5.1', 'SOC 2 CC6.1'],
    subject: 'apiToken',
    fix: { label: 'Revoke token', opens: 'apiTokens', on: 'subject_id' },
    heeds: { apiToken: 'subject_id', person: 'person_id' },
    query: (now) => sql`
      select k.id as subject_id, k.name || ' of ' || p.name as subject_name, k.person_id, null::uuid as project_id,
        null::uuid as context_id, null::uuid as segment_id, 0 as more,
        'The token ' || k.name || ' of ' || p.name || case when u.last_used_at is null then ' was never used.'
          else ' was not used for 30 days.' end as says,
        jsonb_build_array(${evidence({
          what: sql`'API token'`,
          name: sql`k.name`,
          says: sql`'ends ' || to_char(k.expires_at, 'YYYY-MM-DD')`,
          at: sql`k.created_at`,
        })}, ${evidence({
          what: sql`'Last used'`,
          name: sql`coalesce('from ' || u.ip, 'never')`,
          at: sql`u.last_used_at`,
        })}) as rows
      from api_token k join person p on p.id = k.person_id left join api_token_used u on u.token_id = k.id
      where k.revoked_at is null and k.expires_at > ${now} and k.created_at < ${daysBefore(now, 30)}
        and (u.last_used_at is null or u.last_used_at < ${daysBefore(now, 30)})`,
  },
]
