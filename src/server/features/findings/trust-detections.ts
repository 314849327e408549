import { sql } from 'kysely'
import { daysBefore, evidence, inProject, nowhere, type Detection } from './detection.ts'

const ruleRow = evidence({
  what: sql`'Trust rule'`,
  kind: sql`'trustRule'`,
  id: sql`t.id`,
  name: sql`t.name`,
  says: sql`(select string_agg(c ->> 'claim' || case c ->> 'op' when 'glob' then ' like ' else ' is ' end
    || array_to_string(array(select jsonb_array_elements_text(c -> 'values')), ' or '), ', ')
    from jsonb_array_elements(t.conditions) c)`,
  at: sql`t.created_at`,
})
const fromRules = sql`from trust_rule t join issuer i on i.id = t.issuer_id join project p on p.id = t.project_id`
const heedsRules = {
  trustRule: 'subject_id',
  issuer: 'all',
  project: 'project_id',
  segment: 'segment_id',
} as const

/** Claims by which a run is told that survive a rename and are never given to somebody else, as in `contract/trust.ts`. */
const byId = sql`(c ->> 'op' <> 'glob' and c ->> 'claim' in ('repository_id', 'project_id', 'oidc.circleci.com/project-id'))
  or (i.kind = 'circleci' and c ->> 'claim' = 'sub')
  or (i.kind = 'github' and c ->> 'claim' = 'sub'
    and not exists (select from jsonb_array_elements_text(c -> 'values') v where v !~ '^repo:[^/@]+@[0-9]+/[^/@]+@[0-9]+:'))`

/** Who is taken to be a project's run, and what it was given. */
export const trustDetections: readonly Detection[] = [
  {
    id: 'lease-replayed',
    title: 'Lease that was shown twice',
    why: 'Somebody tried to redeem it after the job had: it is in two hands. What it opened was seen by one of them, so the secrets have to change.',
    severity: 'critical',
    cicdRisk: 'CICD-SEC-6',
    controls: ['PCI DSS 10.4.1', 'SOC 2 CC7.3', 'HIPAA 164.308(a)(1)(ii)(D)'],
    subject: 'lease',
    fix: { label: 'Rotate what it opened', opens: 'lease.rotate', on: 'subject_id' },
    heeds: { lease: 'subject_id', context: 'all' },
    // Over once every secret that it opened has been stored anew.
    query: (now) => sql`
      select l.id as subject_id, 'Lease of ' || l.project_name as subject_name, null::uuid as person_id,
        p.id as project_id, (select min(context_id::text)::uuid from lease_context where lease_id = l.id having count(*) = 1) as context_id,
        p.segment_id, greatest(count(*) - 20, 0)::int as more,
        'A lease of ' || l.project_name || ' was shown again ' || count(*)
          || case count(*) when 1 then ' time.' else ' times.' end as says,
        to_jsonb((array_agg(${evidence({
          what: sql`'Shown again'`,
          kind: sql`'lease'`,
          id: sql`l.id`,
          name: sql`'from ' || host(y.ip)`,
          at: sql`y.at`,
        })} order by y.at desc))[1:20]) || coalesce((
          select jsonb_agg(row order by lower(name), secret) from (
            select c.name, s.name as secret, ${evidence({
              what: sql`'Not rotated since'`,
              kind: sql`'context'`,
              id: sql`c.id`,
              name: sql`s.name || ' in ' || c.name`,
              at: sql`s.updated_at`,
            })} as row
            from lease_context x join secret s on s.context_id = x.context_id join context c on c.id = x.context_id
            where x.lease_id = l.id and s.updated_at < max(y.at) order by 1, 2 limit 20) left_over), '[]') as rows
      from lease_replay y join lease l on l.id = y.lease_id left join project p on p.id = l.project_id
      where y.at > ${daysBefore(now, 90)} and exists (
        select from lease_context x join secret s on s.context_id = x.context_id
        where x.lease_id = l.id and s.updated_at < y.at)
      group by l.id, p.id`,
  },
  {
    id: 'trust-forks',
    title: 'Trust rule that admits forks',
    why: 'Anybody who opens a pull request runs their own code as this project, with its secrets.',
    severity: 'critical',
    cicdRisk: 'CICD-SEC-4',
    controls: ['SOC 2 CC6.8', 'SOC 2 CC8.1', 'PCI DSS 7.2.5'],
    subject: 'trustRule',
    fix: { label: 'Admit forks no longer', opens: 'trustRule.forks', on: 'subject_id' },
    heeds: heedsRules,
    query: () => sql`
      select t.id as subject_id, t.name as subject_name, ${inProject}, 0 as more,
        'Forks of ' || p.name || ' are admitted as ' || p.name || '.' as says, jsonb_build_array(${ruleRow}) as rows
      ${fromRules} where t.allow_forks`,
  },
  {
    id: 'trust-by-name',
    title: 'Trust rule that goes by a name',
    why: 'A name is given to somebody else after a rename or a deletion. Whoever registers it is admitted; the CI’s own id is never given twice.',
    severity: 'high',
    cicdRisk: 'CICD-SEC-2',
    controls: ['SOC 2 CC6.1', 'NIST SP 800-207 tenet 6'],
    subject: 'trustRule',
    fix: { label: 'Write it by the CI’s id', opens: 'trustRule.name', on: 'subject_id' },
    heeds: heedsRules,
    query: () => sql`
      select t.id as subject_id, t.name as subject_name, ${inProject}, 0 as more,
        'Runs are told to be ' || p.name || '’s by a name.' as says, jsonb_build_array(${ruleRow}) as rows
      ${fromRules} where not exists (select from jsonb_array_elements(t.conditions) c where ${byId})`,
  },
  {
    id: 'trust-wildcard',
    title: 'Trust rule with a wildcard',
    why: 'Everything that the pattern will ever match is admitted, also what somebody names so that it matches.',
    severity: 'high',
    cicdRisk: 'CICD-SEC-2',
    controls: ['SOC 2 CC6.1', 'NIST SP 800-207 tenet 6'],
    subject: 'trustRule',
    fix: { label: 'Write it without the wildcard', opens: 'trustRule.wildcard', on: 'subject_id' },
    heeds: heedsRules,
    query: () => sql`
      select t.id as subject_id, t.name as subject_name, ${inProject}, 0 as more,
        t.name || ' admits all that a pattern matches as ' || p.name || '.' as says, jsonb_build_array(${ruleRow}) as rows
      ${fromRules} where exists (
        select from jsonb_array_elements(t.conditions) c, jsonb_array_elements_text(c -> 'values') v
        where c ->> 'op' = 'glob' and v ~ '[*?]')`,
  },
  {
    id: 'trust-ssh',
    title: 'Trust rule that admits reruns with SSH',
    why: 'Whoever logs in to such a rerun reads the secrets by hand, past every log.',
    severity: 'high',
    cicdRisk: 'CICD-SEC-7',
    controls: ['PCI DSS 8.6.1', 'SOC 2 CC6.1'],
    subject: 'trustRule',
    fix: { label: 'Admit reruns with SSH no longer', opens: 'trustRule.ssh', on: 'subject_id' },
    heeds: heedsRules,
    query: () => sql`
      select t.id as subject_id, t.name as subject_name, ${inProject}, 0 as more,
        'Reruns of ' || p.name || ' with SSH are admitted.' as says, jsonb_build_array(${ruleRow}) as rows
      ${fromRules} where t.allow_ssh_reruns`,
  },
  {
    id: 'issuer-shared-audience',
    title: 'Issuer without an audience of its own',
    why: 'Its tokens name the audience that they have for every service. One that was stolen from another service is admitted here.',
    severity: 'medium',
    cicdRisk: 'CICD-SEC-2',
    controls: ['SOC 2 CC6.1', 'NIST SP 800-207 tenet 6'],
    subject: 'issuer',
    among: () => sql`x.kind in ('github', 'gitlab', 'circleci')`,
    fix: { label: 'Set an audience', opens: 'issuer.audience', on: 'subject_id' },
    heeds: { issuer: 'subject_id' },
    query: () => sql`
      select i.id as subject_id, i.name as subject_name, ${nowhere}, 0 as more,
        'Tokens of ' || i.name || ' are admitted for ' || i.audience || ', which every service is given.' as says,
        jsonb_build_array(${evidence({ what: sql`'Audience'`, name: sql`i.audience`, kind: sql`'issuer'`, id: sql`i.id`, at: sql`i.created_at` })}) as rows
      from issuer i where (i.kind = 'github' and i.audience like 'https://github.com/%')
        or (i.kind = 'gitlab' and i.audience ~ '^https://gitlab\\.com/?$')
        or (i.kind = 'circleci' and i.audience ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')`,
  },
  {
    id: 'issuer-unbound',
    title: 'Leases that are not bound to an address',
    why: 'A lease that leaks can be redeemed from anywhere in its five minutes, not only by the job that it was given to.',
    severity: 'medium',
    cicdRisk: 'CICD-SEC-6',
    controls: ['SOC 2 CC6.6', 'NIST SP 800-207 tenet 3'],
    subject: 'issuer',
    fix: { label: 'Bind leases to their address', opens: 'issuer.bindAddress', on: 'subject_id' },
    heeds: { issuer: 'subject_id' },
    query: () => sql`
      select i.id as subject_id, i.name as subject_name, ${nowhere}, 0 as more,
        'What is given to jobs of ' || i.name || ' may be redeemed from any address.' as says,
        jsonb_build_array(${evidence({ what: sql`'Issuer'`, kind: sql`'issuer'`, id: sql`i.id`, name: sql`i.url`, at: sql`i.created_at` })}) as rows
      from issuer i where not i.bind_address`,
  },
]
