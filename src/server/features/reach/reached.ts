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

/**
 * The ways from forks to secrets of production: a trust rule that admits forks, its project, a context there with secrets.
 * One definition, for the page that lists them and for the finding that is opened by them.
 */
export const forkPaths: RawBuilder<unknown> = sql`
  select t.id as rule_id, t.name as rule_name, reached.* from (${reachedBy(
    sql`select t.project_id, p.segment_id as from_id from trust_rule t join project p on p.id = t.project_id
      where t.allow_forks`,
  )}) reached
  join trust_rule t on t.project_id = reached.project_id and t.allow_forks
  join segment g on g.id = reached.to_id and g.tier = 'production'
  where exists (select from secret s where s.context_id = reached.context_id)`
