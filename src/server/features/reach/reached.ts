import { sql, type RawBuilder } from 'kysely'
import { admittedProjects } from '../contexts/service.ts'

/**
 * What runs reach: the contexts that admit their project, in the segment that they take place in, in one to which a flow
 * leads from there, or in none. `runs` has `project_id` and `from_id`; so has the answer, with `context_id`, `to_id` and
 * whether it takes a `flow`. What expressions and policies say is not looked at here.
 */
export const reachedBy = (runs: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select distinct runs.project_id, runs.from_id, c.id as context_id, c.segment_id as to_id,
    c.segment_id is not null and c.segment_id <> runs.from_id as flow
  from (${runs}) runs
  join (${admittedProjects}) a on a.project_id = runs.project_id
  join context c on c.id = a.context_id
  where c.segment_id is null or c.segment_id = runs.from_id
    or exists (select from segment_flow f where f.from_id = runs.from_id and f.to_id = c.segment_id)`

/** What runs that a trust rule makes their project's reach of secrets of production. */
export const productionWays: RawBuilder<unknown> = sql`
  select reached.* from (${reachedBy(
    sql`select t.project_id, p.segment_id as from_id from trust_rule t join project p on p.id = t.project_id`,
  )}) reached
  join segment g on g.id = reached.to_id and g.tier = 'production'
  where exists (select from secret s where s.context_id = reached.context_id)`

/**
 * Jobs that a fork's pull request makes run as its project, by the newest check of each project and file: a trigger such as
 * `pull_request_target` hands them the project's own identity, so that no trust rule keeps them out. Each with the contexts
 * of production that it gets: those that it names, and all that the project reaches where it may ask for a token. `certain`
 * is false where a setting of the CI, or what the file leaves open, decides whether a fork gets there.
 */
export const configWays: RawBuilder<unknown> = sql`
  select k.id as check_id, k.at as checked_at, k.path as file, j ->> 'workflow' as workflow, j ->> 'name' as job,
    (j ->> 'line')::int as line, w.*, j ->> 'forkPath' = 'with_secrets' and ((j ->> 'idToken')::boolean or c.named) as certain,
    coalesce((select u -> 'dangerousTriggers' ->> 0 from jsonb_array_elements(k.facts -> 'workflows') u
      where u ->> 'name' = j ->> 'workflow' limit 1), '') as trigger
  from (select distinct on (project_id, path) id from pipeline_check order by project_id, path, at desc, id desc) newest
  join pipeline_check k on k.id = newest.id
  cross join jsonb_array_elements(k.facts -> 'jobs') j
  join (${productionWays}) w on w.project_id = k.project_id
  join lateral (
    select jsonb_exists(j -> 'contexts', name) or jsonb_exists(j -> 'environments', name) as named
    from context where context.id = w.context_id) c on true
  where j ->> 'forkPath' in ('with_secrets', 'unknown') and ((j ->> 'idToken')::boolean or c.named
    or exists (select from jsonb_array_elements(j -> 'unresolved') u where u ->> 'fact' in ('contexts', 'environments')))`

/**
 * The ways from forks to secrets of production: a trust rule that admits forks, or a workflow that runs for them as the
 * project itself; the project, a context there with secrets. Of a workflow the first of its jobs, and how many there are.
 * One definition, for the page that lists them and for the finding that is opened by them.
 */
export const forkPaths: RawBuilder<unknown> = sql`
  select t.id as rule_id, t.name as rule_name, null::uuid as check_id, null::timestamptz as checked_at, null as file,
    null as workflow, null as job, null::int as line, null as trigger, 0 as jobs,
    w.project_id, w.from_id, w.context_id, w.to_id, w.flow
  from (${productionWays}) w join trust_rule t on t.project_id = w.project_id and t.allow_forks
  union all
  select null, null, check_id, checked_at, file, workflow, job, line, trigger, jobs::int,
    project_id, from_id, context_id, to_id, flow
  from (
    select *, row_number() over each_workflow as nth, count(*) over (partition by check_id, workflow, context_id) as jobs
    from (${configWays}) ways where certain
    window each_workflow as (partition by check_id, workflow, context_id order by line, job)) first where nth = 1`
