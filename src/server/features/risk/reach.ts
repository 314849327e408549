import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
import { admittedProjects } from '../contexts/service.ts'

/** Keeps how many projects reach each context. Any number of servers may: only what differs is written. */
export async function keepReach(db: Db): Promise<void> {
  await sql`
    insert into context_reach (context_id, projects)
    select c.id, count(m.project_id)::int from context c left join (${admittedProjects}) m on m.context_id = c.id group by c.id
    order by c.id
    on conflict (context_id) do update set projects = excluded.projects
      where context_reach.projects <> excluded.projects`.execute(db)
}
