import { sql, type RawBuilder } from 'kysely'
import { admittedProjects } from '../contexts/service.ts'
import { evidence } from './detection.ts'

interface Sides {
  readonly of: RawBuilder<unknown>
  readonly other: RawBuilder<unknown>
  readonly says: string
}

/** Who owns most of the projects that may use a context, or of the contexts that a project may use: the first one to ask. */
const likelyOwners = ({ of, other, says }: Sides) => sql`(
  select distinct on (id) id, owner from (
    select a.${of} as id, count(*) as owned, lower(t.name) as name, ${evidence({
      what: sql`'Likely owner'`,
      kind: sql`'team'`,
      id: sql`t.id`,
      name: sql`t.name`,
      says: sql`'owns ' || count(*) || ${says}`,
    })} as owner
    from (${admittedProjects}) a ${other} join team t on t.id = o.team_id
    group by a.${of}, t.id) each
  order by id, owned desc, name)`

export const likelyOwnersOfContexts = likelyOwners({
  of: sql`context_id`,
  other: sql`join project o on o.id = a.project_id`,
  says: ' of the projects that may use it',
})

export const likelyOwnersOfProjects = likelyOwners({
  of: sql`project_id`,
  other: sql`join context o on o.id = a.context_id`,
  says: ' of the contexts that it may use',
})
