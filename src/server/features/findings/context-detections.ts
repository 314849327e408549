import { sql } from 'kysely'
import { admittedProjects } from '../contexts/service.ts'
import { forkPaths } from '../reach/service.ts'
import { daysBefore, evidence, firstRows, moreRows, type Detection } from './detection.ts'
import { namesRef } from './judged-expressions.ts'
import { likelyOwnersOfContexts } from './likely-owner.ts'

const inContext = sql`null::uuid as person_id, null::uuid as project_id, c.id as context_id, c.segment_id`
const restrictionRow = evidence({
  what: sql`'Restriction'`,
  name: sql`x.kind || ' ' || coalesce(
    (select name from project where id = x.project_id), (select name from team where id = x.team_id),
    (select name from segment where id = x.segment_id), x.expression)`,
  at: sql`x.created_at`,
})
const secretRow = evidence({
  what: sql`'Secret'`,
  name: sql`s.name`,
  says: sql`case when s.last_used_at is null then 'never used' else 'last used ' || to_char(s.last_used_at, 'YYYY-MM-DD') end`,
  at: sql`s.updated_at`,
})

const fixSecrets = {
  label: 'Rotate its secrets',
  opens: 'context.replaceSecret',
  on: 'context_id',
} as const

/** Of a context `x`, when a score is worked out. */
const inProduction = sql`x.segment_id in (select id from segment where tier = 'production')`
const withSecrets = sql`exists (select from secret s where s.context_id = x.id)`
/** Values that are kept here, and not only where they lie. */
const withValues = sql`exists (select from secret s where s.context_id = x.id and s.reference is null)`
const restricted = sql`exists (select from restriction r where r.context_id = x.id)`

/** Whatever is changed in a context has the context in its event. */
const heedsContext = { context: 'context_id', segment: 'segment_id' } as const

export const contextDetections: readonly Detection[] = [
  {
    id: 'context-too-wide',
    title: 'Context that too many projects reach',
    why: 'Each of these projects can take all of its secrets. Whoever gets into the least guarded of them has them all. Looked for where all projects reach it, three or more, or ten of them that are a quarter of all.',
    severity: 'high',
    cicdRisk: 'CICD-SEC-5',
    controls: ['PCI DSS 7.2.5', 'SOC 2 CC6.1', 'NIST SP 800-207 tenet 3'],
    subject: 'context',
    among: () => withSecrets,
    fix: { label: 'Restrict it to its team', opens: 'context.restrictTeam', on: 'context_id' },
    heeds: { ...heedsContext, project: 'all', team: 'all' },
    query: () => sql`
      select c.id as subject_id, c.name as subject_name, ${inContext}, ${moreRows} as more,
        count(*) || ' of ' || (select count(*) from project) || ' projects may use ' || c.name || '.' as says,
        ${firstRows(
          evidence({
            what: sql`'Project'`,
            kind: sql`'project'`,
            id: sql`a.project_id`,
            name: sql`a.name`,
          }),
          sql`lower(a.name)`,
        )} as rows
      from (${admittedProjects}) a join context c on c.id = a.context_id
      where exists (select from secret s where s.context_id = c.id)
      group by c.id having (count(*) >= 10 and count(*) * 4 >= (select count(*) from project))
        or (count(*) >= 3 and count(*) = (select count(*) from project))`,
  },
  {
    id: 'context-any-branch',
    title: 'Production context that any branch or tag may use',
    why: 'No expression says which branches or tags may use it: a run of a branch that nobody ever named is admitted as well. Whoever can push one, without any review, can have its secrets.',
    severity: 'high',
    cicdRisk: 'CICD-SEC-4',
    controls: ['SOC 2 CC8.1', 'PCI DSS 7.2.5', 'NIST SP 800-207 tenet 4'],
    subject: 'context',
    among: () => sql`${inProduction} and ${withSecrets} and ${restricted}`,
    fix: {
      label: 'Restrict it to the main branch',
      opens: 'context.restrictBranch',
      on: 'context_id',
    },
    heeds: heedsContext,
    query: () => sql`
      select c.id as subject_id, c.name as subject_name, ${inContext}, ${moreRows} as more,
        c.name || ' lies in ' || g.name || case when bool_or(x.kind = 'expression')
          then ' and its expressions admit a branch or tag that nobody named.' else ' and has no restriction by branch or tag.' end as says,
        ${firstRows(restrictionRow, sql`x.created_at, x.id`)} as rows
      from context c join segment g on g.id = c.segment_id and g.tier = 'production'
      join restriction x on x.context_id = c.id
      where exists (select from secret s where s.context_id = c.id)
      group by c.id, g.name having not bool_or(${namesRef('x')})`,
  },
  {
    id: 'context-lower-segment',
    title: 'Production context within reach of a lower segment',
    why: 'A project outside of production is guarded less, and may use what belongs to production. The boundary is only as strong as its weakest side.',
    severity: 'high',
    cicdRisk: 'CICD-SEC-5',
    controls: ['SOC 2 CC6.6', 'PCI DSS 7.2.5', 'NIST SP 800-207 tenet 2'],
    subject: 'context',
    among: () => inProduction,
    fix: {
      label: 'Restrict it to its segment',
      opens: 'context.restrictSegment',
      on: 'context_id',
    },
    heeds: { ...heedsContext, project: 'all', team: 'all' },
    query: () => sql`
      select c.id as subject_id, c.name as subject_name, ${inContext}, ${moreRows} as more,
        count(*) || case count(*) when 1 then ' project' else ' projects' end || ' outside of production may use '
          || c.name || ', which lies in ' || g.name || '.' as says,
        ${firstRows(
          evidence({
            what: sql`'Project'`,
            kind: sql`'project'`,
            id: sql`a.project_id`,
            name: sql`a.name`,
            says: sql`'in ' || l.name || ', tier ' || l.tier`,
          }),
          sql`lower(a.name)`,
        )} as rows
      from context c join segment g on g.id = c.segment_id and g.tier = 'production'
      join (${admittedProjects}) a on a.context_id = c.id join segment l on l.id = a.segment_id and l.tier <> 'production'
      group by c.id, g.name`,
  },
  {
    id: 'context-from-fork',
    title: 'Production context within reach of a fork',
    why: 'A trust rule admits runs of forks, or a workflow runs for them as the project itself: anybody who opens a pull request runs their own code as the project, and production’s secrets are given to it unless a policy forbids it.',
    severity: 'critical',
    cicdRisk: 'CICD-SEC-4',
    controls: ['SOC 2 CC6.6', 'SOC 2 CC6.8', 'PCI DSS 7.2.5'],
    subject: 'context',
    among: () => inProduction,
    fix: { label: 'Cut a path of the forks', opens: 'forkPaths', on: 'subject_id' },
    heeds: { ...heedsContext, project: 'all', team: 'all', trustRule: 'all', segment: 'all' },
    query: () => sql`
      select c.id as subject_id, c.name as subject_name, ${inContext}, ${moreRows} as more,
        'Forks of ' || count(distinct p.id) || case count(distinct p.id) when 1 then ' project' else ' projects' end
          || ' reach ' || c.name || ', which lies in ' || g.name || '.' as says,
        ${firstRows(
          evidence({
            what: sql`case when path.rule_id is null then 'Config' else 'Trust rule' end`,
            kind: sql`case when path.rule_id is null then 'check' else 'trustRule' end`,
            id: sql`coalesce(path.rule_id, path.check_id)`,
            name: sql`coalesce(path.rule_name, path.file || ':' || path.line)`,
            says: sql`case when path.rule_id is null
              then 'starts ' || path.job || ' by ' || path.trigger || ' as ' || p.name || ', from ' || f.name
              else 'admits forks of ' || p.name || ', from ' || f.name end`,
            at: sql`path.checked_at`,
          }),
          // What is mended here comes first; a config is mended in its repository.
          sql`lower(path.rule_name) nulls last, path.rule_id, path.file, path.line, path.workflow`,
        )} as rows
      from (${forkPaths}) path join context c on c.id = path.context_id join segment g on g.id = path.to_id
      join project p on p.id = path.project_id join segment f on f.id = path.from_id
      group by c.id, g.name`,
  },
  {
    id: 'context-closed',
    title: 'Context that nothing may use',
    why: 'Without a restriction no run may use it: its secrets are kept for nobody, and are forgotten when they should be revoked at their source.',
    severity: 'low',
    cicdRisk: 'CICD-SEC-6',
    controls: ['PCI DSS 8.6.3', 'SOC 2 CC6.1'],
    subject: 'context',
    among: () => withSecrets,
    fix: { label: 'Say who may use it, or delete it', opens: 'context.closed', on: 'context_id' },
    heeds: heedsContext,
    often: true,
    // Whose runs were refused there is who may be meant to use it.
    query: (now) => sql`
      select c.id as subject_id, c.name as subject_name, ${inContext}, ${moreRows} as more,
        c.name || ' keeps ' || count(*) || case count(*) when 1 then ' secret' else ' secrets' end
          || ' that no run may use.' as says,
        coalesce((
          select ${firstRows(
            evidence({
              what: sql`'Asked for it'`,
              kind: sql`'project'`,
              id: sql`p.id`,
              name: sql`p.name`,
              says: sql`'refused ' || asked.times || case asked.times when 1 then ' time' else ' times' end || ' in 30 days'`,
              at: sql`asked.last`,
            }),
            sql`asked.times desc, lower(p.name)`,
          )}
          from (
            select project_id, count(*) as times, max(at) as last from decision
            where context_id = c.id and action = 'context:use' and outcome = 'denied' and at > ${daysBefore(now, 30)}
            group by project_id order by times desc limit 5) asked
          join project p on p.id = asked.project_id), '[]') || ${firstRows(secretRow, sql`s.name`)} as rows
      from context c join secret s on s.context_id = c.id
      where not exists (select from restriction x where x.context_id = c.id) group by c.id`,
  },
  {
    id: 'context-without-owner',
    title: 'Context without an owner',
    why: 'No team answers for its secrets: nobody rotates them, and nobody is asked who may use them.',
    severity: 'low',
    cicdRisk: 'CICD-SEC-6',
    controls: ['PCI DSS 7.2.5.1', 'SOC 2 CC6.2'],
    subject: 'context',
    fix: { label: 'Name its team', opens: 'context.owner', on: 'context_id' },
    heeds: heedsContext,
    query: () => sql`
      select c.id as subject_id, c.name as subject_name, ${inContext}, 0 as more,
        'No team owns ' || c.name || '.' as says,
        jsonb_build_array(${evidence({ what: sql`'Context'`, kind: sql`'context'`, id: sql`c.id`, name: sql`c.name`, at: sql`c.created_at` })})
          || coalesce(likely.owner, '[]') as rows
      from context c left join ${likelyOwnersOfContexts} likely on likely.id = c.id where c.team_id is null`,
  },
  {
    id: 'secrets-old',
    title: 'Secrets older than their rotation age',
    why: 'Whoever copied one once can use it until it changes. In production a secret is rotated every 90 days here, elsewhere every 180.',
    severity: 'medium',
    cicdRisk: 'CICD-SEC-6',
    controls: ['PCI DSS 8.6.3', 'SOC 2 CC6.1'],
    subject: 'context',
    among: () => withValues,
    fix: fixSecrets,
    heeds: heedsContext,
    query: (now) => sql`
      select c.id as subject_id, c.name as subject_name, ${inContext}, ${moreRows} as more,
        count(*) || case count(*) when 1 then ' secret of ' else ' secrets of ' end || c.name
          || case count(*) when 1 then ' was' else ' were' end || ' not rotated for '
          || case g.tier when 'production' then 90 else 180 end || ' days.' as says,
        ${firstRows(secretRow, sql`s.updated_at, s.name`)} as rows
      from context c left join segment g on g.id = c.segment_id join secret s on s.context_id = c.id
      where s.reference is null and s.updated_at < case g.tier when 'production' then ${daysBefore(now, 90)}::timestamptz
        else ${daysBefore(now, 180)}::timestamptz end
      group by c.id, g.tier`,
  },
  {
    id: 'secrets-unused',
    title: 'Secrets that were never used',
    why: 'A secret that no run took in 30 days only waits to be stolen. Revoke it at its source, then delete it.',
    severity: 'low',
    cicdRisk: 'CICD-SEC-6',
    controls: ['PCI DSS 8.6.3', 'SOC 2 CC6.1'],
    subject: 'context',
    among: () => sql`${withSecrets} and ${restricted}`,
    fix: { label: 'Delete what nothing uses', opens: 'context.deleteSecret', on: 'context_id' },
    heeds: heedsContext,
    query: (now) => sql`
      select c.id as subject_id, c.name as subject_name, ${inContext}, ${moreRows} as more,
        count(*) || case count(*) when 1 then ' secret of ' else ' secrets of ' end || c.name
          || case count(*) when 1 then ' was' else ' were' end || ' never given to a run.' as says,
        ${firstRows(secretRow, sql`s.created_at, s.name`)} as rows
      from context c join secret s on s.context_id = c.id
      where s.last_used_at is null and s.created_at < ${daysBefore(now, 30)}
        and exists (select from restriction x where x.context_id = c.id)
      group by c.id`,
  },
  {
    id: 'secrets-shared',
    title: 'The same secret in several contexts',
    why: 'It opens the same door from several contexts: whoever reaches the weakest has what the strongest guards, and rotating one leaves the others.',
    severity: 'high',
    cicdRisk: 'CICD-SEC-6',
    controls: ['PCI DSS 8.2.2', 'SOC 2 CC6.1'],
    subject: 'context',
    among: () => withSecrets,
    fix: fixSecrets,
    // What is equal to what changed lies in other contexts.
    heeds: { context: 'all' },
    // Values are compared by their keyed fingerprint; none is opened.
    query: () => sql`
      select c.id as subject_id, c.name as subject_name, ${inContext}, ${moreRows} as more,
        count(distinct s.id) || case count(distinct s.id) when 1 then ' secret of ' else ' secrets of ' end || c.name
          || case count(distinct s.id) when 1 then ' has' else ' have' end || ' the same value elsewhere.' as says,
        ${firstRows(
          evidence({
            what: sql`'Same value'`,
            kind: sql`'context'`,
            id: sql`oc.id`,
            name: sql`s.name || ' is ' || o.name || ' in ' || oc.name`,
            at: sql`o.updated_at`,
          }),
          sql`s.name, lower(oc.name)`,
        )} as rows
      from (select fingerprint from secret group by fingerprint having count(distinct context_id) > 1) same
      join secret s on s.fingerprint = same.fingerprint join context c on c.id = s.context_id
      join secret o on o.fingerprint = s.fingerprint and o.context_id <> s.context_id
      join context oc on oc.id = o.context_id
      group by c.id`,
  },
  {
    id: 'secrets-static',
    title: 'Static credentials where a federated token would do',
    why: 'These clouds and tools take the run’s own short-lived token. What is not stored cannot be copied, and needs no rotation.',
    severity: 'medium',
    cicdRisk: 'CICD-SEC-6',
    controls: ['PCI DSS 8.6.2', 'SOC 2 CC6.1', 'NIST SP 800-207 tenet 3'],
    subject: 'context',
    among: () => withValues,
    fix: {
      label: 'Give it a federated audience instead',
      opens: 'context.federate',
      on: 'context_id',
    },
    heeds: heedsContext,
    query: () => sql`
      select c.id as subject_id, c.name as subject_name, ${inContext}, ${moreRows} as more,
        c.name || ' stores ' || count(*) || case count(*) when 1 then ' credential' else ' credentials' end
          || ' for which a federated token would do.' as says,
        ${firstRows(secretRow, sql`s.name`)} as rows
      from context c join secret s on s.context_id = c.id
      where s.reference is null
        and s.name ~* '^(AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)|AZURE_CLIENT_SECRET|ARM_CLIENT_SECRET|GOOGLE_(APPLICATION_)?CREDENTIALS|GCP_(SA|SERVICE_ACCOUNT)_KEY|GCLOUD_SERVICE_KEY|VAULT_TOKEN|PYPI_(API_)?TOKEN|NPM_(PUBLISH_)?TOKEN)$'
      group by c.id`,
  },
]
