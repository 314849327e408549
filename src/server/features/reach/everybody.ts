import { sql } from 'kysely'
import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { grantHolds } from '../../decision/live-grant.ts'
import type { Reach } from '../../decision/types.ts'
import { fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Scope } from '../../http/scope.ts'
import { powers } from './powers.ts'
import { seen } from './store.ts'

interface PersonReachRow {
  readonly id: string
  readonly name: string
  readonly grants: number
  readonly contexts: number
  readonly secrets: number
  readonly production: number
  /** Its place among all: who reaches more of production, more contexts, more secrets. Greater is more. */
  readonly rank: string
}

const grantSeen = ({ everywhere, segments, projects, contexts }: Reach) =>
  everywhere
    ? sql`true`
    : sql`(g.segment_id = any(${sql.val([...segments])}::uuid[]) or g.project_id = any(${sql.val([...projects])}::uuid[])
        or g.context_id = any(${sql.val([...contexts])}::uuid[]))`

/**
 * What people reach, as numbers, who reaches most first. Nobody's contexts are listed for it: who holds something
 * everywhere has the sum of all, and what is held on a segment has the segment's.
 */
export async function peopleReach(
  db: Db,
  { grants, contexts }: { readonly grants: Reach; readonly contexts: Reach },
  limit: number,
  after: readonly string[] | undefined,
): Promise<PersonReachRow[]> {
  const [rank, name, id] = after ?? []
  const beyond = after
    ? sql`where rank < ${rank} or (rank = ${rank} and (lower(name), id) > (${name}, ${id}::uuid))`
    : sql``
  const padded = (count: string) => sql`lpad(coalesce(${sql.ref(count)}, 0)::text, 9, '0')`
  const { rows } = await sql<PersonReachRow>`
    with mine as (
      select g.person_id as owner_id, g.* from access_grant g where g.person_id is not null
      union all
      select m.person_id, g.* from team_member m join access_grant g on g.team_id = m.team_id),
    held as (
      select g.owner_id as person_id, bool_or(g.scope_kind = 'organization') as everywhere,
        count(distinct g.id) as grants,
        array_agg(distinct g.segment_id) filter (where g.scope_kind = 'segment') as segments,
        array_agg(distinct g.context_id) filter (where g.scope_kind = 'context') as contexts
      from mine g join role r on r.id = g.role_id
      where ${grantHolds()} and r.permissions && ${sql.val([...powers])}::text[] and ${grantSeen(grants)} group by 1),
    sized as materialized (
      select c.id, c.segment_id, coalesce(x.secrets, 0) as secrets, (s.tier = 'production')::int as production
      from context c left join segment s on s.id = c.segment_id
      left join (select context_id, count(*) as secrets from secret group by 1) x on x.context_id = c.id
      where ${seen(contexts)}),
    per as materialized (
      select segment_id, count(*) as contexts, sum(secrets) as secrets, sum(production) as production
      from sized group by 1),
    counted as (
      select person_id, sum(contexts) as contexts, sum(secrets) as secrets, sum(production) as production from (
        select h.person_id, per.contexts, per.secrets, coalesce(per.production, 0) as production
        from held h join per on h.everywhere or per.segment_id = any (h.segments)
        union all
        select h.person_id, 1, sized.secrets, coalesce(sized.production, 0)
        from held h cross join unnest(h.contexts) held_on (id) join sized on sized.id = held_on.id
        where not h.everywhere and not coalesce(sized.segment_id = any (h.segments), false)) part
      group by 1)
    select * from (
      select p.id, p.name, coalesce(h.grants, 0)::int as grants, coalesce(c.contexts, 0)::int as contexts,
        coalesce(c.secrets, 0)::int as secrets, coalesce(c.production, 0)::int as production,
        (${padded('c.production')} || ${padded('c.contexts')} || ${padded('c.secrets')}) collate "C" as rank
      from person p left join held h on h.person_id = p.id left join counted c on c.person_id = p.id) ranked
    ${beyond} order by rank desc, lower(name), id limit ${limit}`.execute(db)
  return rows
}

export async function everybody(
  scope: Scope,
  { limit, cursor }: InputOf<'reach.everybody'>,
): Promise<AnswerOf<'reach.everybody'>> {
  const reach = { grants: scope.reach('grant:view'), contexts: scope.reach('context:view') }
  const rows = await peopleReach(scope.db, reach, limit + 1, fromIdCursor(cursor, 3))
  const { shown, next } = pageOf(rows, limit, ({ rank, name, id }) => [
    rank,
    name.toLowerCase(),
    id,
  ])
  return {
    items: shown.map(({ id, name, grants, contexts, secrets, production }) => ({
      person: { id, name },
      grants,
      contexts,
      secrets,
      production,
    })),
    ...next,
  }
}
