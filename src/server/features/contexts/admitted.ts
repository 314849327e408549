import { sql, type RawBuilder } from 'kysely'

/**
 * The projects that each context's restrictions admit, whatever their expressions say: kinds are combined with AND, places
 * of one kind with OR. A context without restriction admits none.
 */
export const admittedProjects: RawBuilder<unknown> = sql`
  select m.context_id, p.id as project_id, p.name, p.segment_id from (
    select met.context_id, met.project_id from (
      select r.context_id, r.project_id, r.kind from restriction r where r.kind = 'project'
      union select r.context_id, p.id, r.kind from restriction r join project p on p.team_id = r.team_id
      union select r.context_id, p.id, r.kind from restriction r join project p on p.segment_id = r.segment_id) met
    join (select context_id, count(distinct kind) as kinds from restriction where kind <> 'expression' group by 1) wanted
      on wanted.context_id = met.context_id
    group by 1, 2, wanted.kinds having count(*) = wanted.kinds
    union all
    select x.context_id, p.id from (
      select context_id from restriction group by 1 having bool_and(kind = 'expression')) x cross join project p) m
  join project p on p.id = m.project_id`
