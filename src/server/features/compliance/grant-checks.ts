import { sql } from 'kysely'
import { grantHolds } from '../../decision/live-grant.ts'
import { isPrivileged } from '../../decision/privileged.ts'
import { daysBefore } from '../findings/service.ts'
import { ofObjects, row, type Check, type Setting } from './check.ts'

/** Grants `g` that hold at the moment, with their role and whoever holds them. */
const live = ({ now }: Setting) => sql`access_grant g join role r on r.id = g.role_id
  left join person p on p.id = g.person_id left join team t on t.id = g.team_id
  left join grant_used u on u.grant_id = g.id left join access_request q on q.grant_id = g.id
  where ${grantHolds(now)}`

const grant = {
  what: sql`'Grant'`,
  kind: sql`'grant'`,
  id: sql`g.id`,
  name: sql`r.name || ' of ' || coalesce(p.name, 'team ' || t.name) || ' in ' || coalesce(g.scope_name, 'the organization')`,
}

/** Whom the settings name as first administrator holds it without anybody's say: that is told, and not counted. */
const givenBySomebody = sql`g.granted_by is not null`

/** When an access review that was signed off kept it last. */
const keptAt = sql`(select max(answer.decided_at) from review_line line
  join review_answer answer on answer.line_id = line.id and answer.decision = 'keep'
  join review on review.id = line.review_id and review.state = 'closed' where line.grant_id = g.id)`

/** Whether each says why it was given, and was given by somebody other than its holder. */
const explained = (of: readonly [string, string], none: string, which = sql`true`) =>
  ofObjects(
    {
      of,
      good: [
        'has its reason, and was given by another',
        'have their reason, and were given by another',
      ],
      bad: [
        'has no reason, or was given by its own holder',
        'have no reason, or were given by their own holders',
      ],
      none,
    },
    (setting) => sql`
      select ${row({
        ...grant,
        good: sql`g.reason <> '' and g.granted_by is distinct from g.person_id`,
        says: sql`case when g.granted_by = g.person_id then 'given by its own holder' when g.reason = '' then 'without a reason'
          when q.id is not null then 'asked for: ' || g.reason else g.reason end`,
        at: sql`g.granted_at`,
      })} from ${live(setting)} and ${givenBySomebody} and ${which}`,
  )

/** Who may do what, how it was decided, and how long it stays. */
export const grantChecks: readonly Check[] = [
  {
    id: 'grants-decided',
    asks: 'Grants that hold now, and whether each says why it was given and was given by somebody other than its holder. The first administrator, whom the settings name, is not counted.',
    satisfy:
      'Revoke those without a reason, or those that somebody gave themselves, and have them asked for: a request has its reason, its approver and its end.',
    list: { label: 'Grants', opens: 'grants' },
    ask: explained(['grant', 'grants'], 'Nobody was granted anything yet.'),
  },
  {
    id: 'grants-looked-at',
    asks: 'Grants that hold now, and whether somebody decided on each in the last six months (182 days): by giving it, by answering the request that it came from, or by keeping it in an access review that was signed off.',
    satisfy:
      'Start an access review of the older ones: whoever leads their holders keeps or revokes each, and what is revoked ends with the sign-off.',
    list: { label: 'Grants', opens: 'grants' },
    ask: ofObjects(
      {
        of: ['grant', 'grants'],
        good: ['was decided on within six months', 'were decided on within six months'],
        bad: ['was not decided on for six months', 'were not decided on for six months'],
        none: 'Nobody was granted anything yet.',
      },
      (setting) => sql`
        select ${row({
          ...grant,
          good: sql`greatest(g.granted_at, q.decided_at, ${keptAt}) >= ${daysBefore(setting.now, 182)}`,
          says: sql`case when ${keptAt} >= greatest(g.granted_at, q.decided_at) then 'kept by an access review'
            when q.id is null then 'granted' else 'request approved' end`,
          at: sql`greatest(g.granted_at, q.decided_at, ${keptAt})`,
        })} from ${live(setting)} and ${givenBySomebody}`,
    ),
  },
  {
    id: 'privileged-ends',
    asks: 'Grants of roles that widen access or reach secrets, also of whoever has left, and whether each ends by itself. The first administrators hold theirs by the settings, and are not counted.',
    satisfy: 'Give each an end, or revoke it and have it asked for while it is needed.',
    list: { label: 'Grants without an end', opens: 'grants', params: { withoutExpiry: 'true' } },
    ask: ofObjects(
      {
        of: ['privileged grant', 'privileged grants'],
        good: ['ends by itself', 'end by themselves'],
        bad: ['has no end', 'have no end'],
        none: 'Nobody but the first administrator holds a privileged role.',
      },
      (setting) => sql`
        select ${row({
          ...grant,
          good: sql`g.expires_at is not null`,
          says: sql`case when g.expires_at is null then 'without an end, granted' else 'ends' end`,
          at: sql`coalesce(g.expires_at, g.granted_at)`,
        })} from ${live(setting)} and ${givenBySomebody} and ${isPrivileged('r')}`,
    ),
  },
  {
    id: 'privileged-used',
    asks: 'Grants of roles that widen access or reach secrets that are older than 90 days, and whether each was used in the last 90.',
    satisfy: 'Revoke those that nobody uses. They can be asked for again in a minute.',
    list: {
      label: 'Findings: privileged grants that nobody uses',
      opens: 'findings',
      params: { detection: 'privileged-unused' },
    },
    ask: ofObjects(
      {
        of: ['privileged grant older than 90 days', 'privileged grants older than 90 days'],
        good: ['was used since', 'were used since'],
        bad: ['was not used for 90 days', 'were not used for 90 days'],
        none: 'No privileged grant is older than 90 days.',
      },
      (setting) => sql`
        select ${row({
          ...grant,
          good: sql`coalesce(u.last_used_at >= ${daysBefore(setting.now, 90)}, false)`,
          says: sql`case when u.last_used_at is null then 'never used, granted' else 'last used' end`,
          at: sql`coalesce(u.last_used_at, g.granted_at)`,
        })} from ${live(setting)} and g.granted_at < ${daysBefore(setting.now, 90)} and ${isPrivileged('r')}`,
    ),
  },
  {
    id: 'record-readers',
    asks: 'Grants of roles that may read the audit trail, and whether each says why it was given and was given by somebody other than its holder.',
    satisfy: 'Revoke those without a reason, and have them asked for.',
    list: { label: 'Grants', opens: 'grants' },
    ask: explained(
      ['grant that reads the audit trail', 'grants that read the audit trail'],
      'Nobody but the first administrator may read the audit trail.',
      sql`'audit:view' = any (r.permissions)`,
    ),
  },
  {
    id: 'roles-held',
    asks: 'Roles that somebody made, and whether anybody holds each: one that nobody holds is a set of permissions that nobody needs.',
    satisfy: 'Delete the roles that nobody holds.',
    list: { label: 'Roles', opens: 'roles' },
    ask: ofObjects(
      {
        of: ['role', 'roles'],
        good: ['is held by somebody', 'are held by somebody'],
        bad: ['is held by nobody', 'are held by nobody'],
        none: 'There are no roles but those that every installation has.',
      },
      ({ now }) => sql`
        select ${row({
          what: sql`'Role'`,
          kind: sql`'role'`,
          id: sql`r.id`,
          name: sql`r.name`,
          good: sql`h.n > 0`,
          says: sql`cardinality(r.permissions) || ' permissions, held ' || h.n || case h.n when 1 then ' time' else ' times' end`,
          at: sql`r.created_at`,
        })} from role r, lateral (select
          (select count(*) from access_grant g where g.role_id = r.id and ${grantHolds(now)})
          + (select count(*) from api_token k where k.role_id = r.id and k.revoked_at is null and k.expires_at > ${now}) as n) h
        where not r.built_in`,
    ),
  },
  {
    id: 'requests-second-person',
    asks: 'Access requests that were approved in the last 90 days, and whether somebody other than the requester approved each.',
    satisfy:
      'Nothing is needed: the database refuses an approval by the requester. Ask for access instead of having it granted.',
    list: { label: 'Requests', opens: 'requests', params: { which: 'all' } },
    ask: ofObjects(
      {
        of: ['approved request', 'approved requests'],
        good: ['was approved by another person', 'were approved by another person'],
        bad: ['was approved by nobody else', 'were approved by nobody else'],
        none: 'No request was approved in the last 90 days.',
        strict: true,
      },
      (setting) => sql`
        select ${row({
          what: sql`'Request'`,
          kind: sql`'request'`,
          id: sql`q.id`,
          name: sql`q.role_name || ' in ' || q.scope_name || ' for ' || p.name`,
          good: sql`s.names is not null`,
          says: sql`coalesce('approved by ' || s.names, 'without an approver')`,
          at: sql`q.decided_at`,
        })} from access_request q join person p on p.id = q.requester_id
        left join lateral (
          select string_agg(distinct a.name, ', ') as names from request_step x join person a on a.id = x.person_id
          where x.request_id = q.id and x.kind = 'approved' and x.person_id <> q.requester_id) s on true
        where q.state = 'approved' and q.decided_at > ${daysBefore(setting.now, 90)}`,
    ),
  },
  {
    id: 'decisions-because',
    asks: 'The newest 1,000 decisions that permitted something, and whether each names the grant or the restriction by which it was permitted: what nothing permits is denied.',
    satisfy:
      'Nothing is needed: the decision point permits by a grant or a restriction alone. A decision without either was written past the product.',
    list: { label: 'Decisions', opens: 'decisions', params: { outcome: 'permitted' } },
    ask: ofObjects(
      {
        of: ['permitted decision', 'permitted decisions'],
        good: ['names what permitted it', 'name what permitted them'],
        bad: ['names nothing that permitted it', 'name nothing that permitted them'],
        none: 'Nothing was permitted yet.',
        strict: true,
      },
      () => sql`
        select ${row({
          what: sql`'Decision'`,
          kind: sql`'decision'`,
          id: sql`d.id`,
          name: sql`d.action || ' on ' || d.resource_name || ' for ' || d.actor_name`,
          good: sql`b.names is not null`,
          says: sql`coalesce('by ' || b.names, 'by nothing')`,
          at: sql`d.at`,
        })} from (select * from decision where outcome = 'permitted' order by at desc, id desc limit 1000) d
        left join lateral (
          select string_agg(c ->> 'name', ', ') as names from jsonb_array_elements(d.layers) l, jsonb_array_elements(l -> 'because') c
          where l ->> 'layer' in ('grant', 'restriction') and l ->> 'verdict' = 'permitted') b on true`,
    ),
  },
]
