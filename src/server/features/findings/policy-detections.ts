import { sql } from 'kysely'
import {
  daysBefore,
  evidence,
  firstRows,
  inProject,
  moreRows,
  nowhere,
  type Detection,
} from './detection.ts'

/** The newest checked config of each project. */
const newestChecks = sql`(select distinct on (project_id) * from pipeline_check order by project_id, at desc, id desc) k`

/** Of a project `x`, when a score is worked out. */
const checkedLately = {
  of: (now: Date) =>
    sql`exists (select from pipeline_check k where k.project_id = x.id and k.at > ${daysBefore(now, 30)})`,
  otherwise: 'No config was checked in 30 days.',
}

/**
 * How a reference or an image may be named so that what runs is what was looked at, as `policies/config-source-starters.ts`
 * has it: by a commit, an orb or a component also by its full version, which cannot be published again; an image by a digest
 * or a full version. A tag of an action is moved by whoever gets into its repository, GitHub’s own are no exception. What a
 * variable names is known to nobody: of an image it is most often the one that the pipeline has just built.
 */
const pinnedRef = sql`(fact ->> 'pin' in ('sha', 'local', 'inline')
  or (fact ->> 'pin' = 'exact' and fact ->> 'kind' in ('orb', 'component')))`
const pinnedImage = sql`fact ->> 'pin' in ('digest', 'exact', 'dynamic')`

/** By what it is named, in words. */
const named = sql`case f.fact ->> 'pin' when 'branch' then 'by a branch' when 'major' then 'by a major version'
  when 'minor' then 'by a minor version' when 'exact' then 'by a tag, which can be moved' when 'dev' then 'by a development version'
  when 'url' then 'by an address' when 'dynamic' then 'by a variable' else 'by a moving tag, or none' end`

/** What the rules say, and what the configs of pipelines say to them. */
export const policyDetections: readonly Detection[] = [
  {
    id: 'policy-evaluate-late',
    title: 'Policy that is tried past its date',
    why: 'A policy in evaluate mode denies nothing. By its date it is known what it would deny: enforce it, change it, or say why it is tried on.',
    severity: 'medium',
    cicdRisk: 'CICD-SEC-1',
    controls: ['SOC 2 CC8.1', 'NIST SP 800-207 tenet 4'],
    subject: 'policy',
    among: () => sql`x.mode = 'evaluate'`,
    fix: { label: 'Enforce it, or try it on', opens: 'policy.enforcement', on: 'subject_id' },
    heeds: { policy: 'subject_id' },
    often: true,
    query: (now) => sql`
      select y.id as subject_id, y.name as subject_name, ${nowhere}, 0 as more,
        y.name || ' was to be tried until ' || to_char(y.evaluate_until at time zone 'UTC', 'YYYY-MM-DD')
          || ', and is in evaluate mode still.' as says,
        jsonb_build_array(${evidence({
          what: sql`'Version'`,
          kind: sql`'policy'`,
          id: sql`y.id`,
          name: sql`'version ' || y.version_in_force`,
          says: sql`u.denies || ' denials it would have made'`,
          at: sql`y.evaluate_until`,
        })}) as rows
      from policy y left join policy_usage u on u.policy_id = y.id
      where y.mode = 'evaluate' and y.evaluate_until < ${now}`,
  },
  {
    id: 'policy-never-applies',
    title: 'Policy that never applies',
    why: 'In 90 days nothing came to pass that it speaks of. Either what it guards is gone, or it is written so that it misses it.',
    severity: 'low',
    cicdRisk: 'CICD-SEC-1',
    controls: ['SOC 2 CC8.1'],
    subject: 'policy',
    tells: {
      of: () => sql`x.id in (select policy_id from policy_usage) and exists (select from decision)`,
      otherwise: 'What policies apply to was not counted yet, or nothing was decided yet.',
    },
    fix: { label: 'Take it out of use', opens: 'policy.retire', on: 'subject_id' },
    heeds: { policy: 'subject_id' },
    often: true,
    query: () => sql`
      select y.id as subject_id, y.name as subject_name, ${nowhere}, 0 as more,
        y.name || ' applied to nothing in ' || u.days || ' days.' as says,
        jsonb_build_array(${evidence({ what: sql`'Applied'`, kind: sql`'policy'`, id: sql`y.id`, name: sql`'0 times'`, says: sql`'in ' || u.days || ' days'` })},
          ${evidence({ what: sql`'Mode'`, kind: sql`'policy'`, id: sql`y.id`, name: sql`y.mode` })}) as rows
      from policy y join policy_usage u on u.policy_id = y.id
      where y.mode <> 'draft' and u.applies = 0 and exists (select from decision)`,
  },
  {
    id: 'policy-always-denies',
    title: 'Policy that denies all it applies to',
    why: 'Nothing that it speaks of was ever permitted: it is stricter than what it guards, and people will look for a way around it.',
    severity: 'medium',
    cicdRisk: 'CICD-SEC-1',
    controls: ['SOC 2 CC8.1'],
    subject: 'policy',
    tells: {
      of: () => sql`x.id in (select policy_id from policy_usage where applies >= 20)`,
      otherwise: 'No policy applied to 20 decisions yet.',
    },
    fix: { label: 'Look at its text', opens: 'policy.text', on: 'subject_id' },
    heeds: { policy: 'subject_id' },
    often: true,
    query: () => sql`
      select y.id as subject_id, y.name as subject_name, ${nowhere}, 0 as more,
        y.name || case y.mode when 'enforce' then ' denied' else ' would have denied' end || ' each of '
          || u.applies || ' decisions that it applies to.' as says,
        jsonb_build_array(${evidence({ what: sql`'Denied'`, kind: sql`'policy'`, id: sql`y.id`, name: sql`u.denies || ' of ' || u.applies`, says: sql`'in ' || u.days || ' days, ' || y.mode || ' mode'` })}) as rows
      from policy y join policy_usage u on u.policy_id = y.id
      where y.mode <> 'draft' and u.applies >= 20 and u.denies >= u.applies`,
  },
  {
    id: 'config-unpinned',
    title: 'Pipeline that runs unpinned code',
    why: 'An orb, action or image that is named by a branch, or by a version that can be moved, is whatever its owner makes of it tomorrow, in a job that holds secrets. An action is pinned by its commit alone, GitHub’s own as well; an orb by its full version; an image by a full version or a digest.',
    severity: 'medium',
    cicdRisk: 'CICD-SEC-3',
    controls: ['SOC 2 CC6.8', 'SOC 2 CC8.1'],
    subject: 'project',
    tells: checkedLately,
    fix: { label: 'See the lines in its config', opens: 'project.check', on: 'project_id' },
    heeds: { project: 'project_id' },
    query: () => sql`
      select p.id as subject_id, p.name as subject_name, ${inProject}, ${moreRows} as more,
        'The config of ' || p.name || ' runs ' || count(*)
          || case count(*) when 1 then ' reference' else ' references' end || ' that may change without notice.' as says,
        ${firstRows(
          evidence({
            what: sql`initcap(f.what)`,
            kind: sql`'check'`,
            id: sql`k.id`,
            name: sql`f.fact ->> 'raw'`,
            says: sql`k.path || ' line ' || (f.fact ->> 'line') || ', ' || ${named}`,
            at: sql`k.at`,
            line: sql`(f.fact ->> 'line')::int`,
          }),
          sql`(f.fact ->> 'line')::int`,
        )} as rows
      from ${newestChecks} join project p on p.id = k.project_id,
        lateral (
          select fact ->> 'kind' as what, fact from jsonb_array_elements(k.facts -> 'refs') fact
            where not ${pinnedRef}
          union all select 'image', fact from jsonb_array_elements(k.facts -> 'images') fact
            where not ${pinnedImage}) f
      group by p.id`,
  },
  {
    id: 'config-no-approval',
    title: 'Production job without an approval',
    why: 'What is merged reaches production with no person between: whoever gets one change in has deployed it.',
    severity: 'high',
    cicdRisk: 'CICD-SEC-1',
    controls: ['SOC 2 CC8.1', 'PCI DSS 7.2.5'],
    subject: 'project',
    tells: checkedLately,
    fix: { label: 'See the jobs in its config', opens: 'project.check', on: 'project_id' },
    heeds: { project: 'project_id', context: 'all' },
    query: () => sql`
      select p.id as subject_id, p.name as subject_name, ${inProject}, ${moreRows} as more,
        count(*) || case count(*) when 1 then ' job of ' else ' jobs of ' end || p.name
          || ' with production contexts '|| case count(*) when 1 then 'waits' else 'wait' end || ' for nobody.' as says,
        ${firstRows(
          evidence({
            what: sql`'Job'`,
            kind: sql`'check'`,
            id: sql`k.id`,
            name: sql`j.fact ->> 'name'`,
            says: sql`'uses ' || j.used || ', ' || k.path || ' line ' || (j.fact ->> 'line')`,
            at: sql`k.at`,
            line: sql`(j.fact ->> 'line')::int`,
          }),
          sql`(j.fact ->> 'line')::int`,
        )} as rows
      from ${newestChecks} join project p on p.id = k.project_id,
        lateral (
          select fact, string_agg(c.name, ', ' order by c.name) as used from jsonb_array_elements(k.facts -> 'jobs') fact
          cross join jsonb_array_elements_text(fact -> 'contexts') named
          join context c on c.name = named join segment g on g.id = c.segment_id and g.tier = 'production'
          where jsonb_array_length(fact -> 'approvals') = 0 and not (fact ->> 'manual')::boolean group by fact) j
      group by p.id`,
  },
  {
    id: 'project-unchecked',
    title: 'Project whose config is not checked',
    why: 'No rule sees what its pipeline does: not what it runs, not who approves it, not which secrets it asks for.',
    severity: 'low',
    cicdRisk: 'CICD-SEC-10',
    controls: ['SOC 2 CC7.1', 'SOC 2 CC8.1'],
    subject: 'project',
    among: (now) => sql`x.created_at < ${daysBefore(now, 30)}`,
    fix: { label: 'Check its config', opens: 'project.checkNew', on: 'project_id' },
    heeds: { project: 'project_id', segment: 'segment_id' },
    query: (now) => sql`
      select p.id as subject_id, p.name as subject_name, ${inProject}, 0 as more,
        'No config of ' || p.name || ' was checked in 30 days.' as says,
        jsonb_build_array(${evidence({ what: sql`'Project'`, kind: sql`'project'`, id: sql`p.id`, name: sql`p.name`, at: sql`p.created_at` })}) as rows
      from project p where p.created_at < ${daysBefore(now, 30)} and not exists (
        select from pipeline_check k where k.project_id = p.id and k.at > ${daysBefore(now, 30)})`,
  },
]
