import { sql } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import type { Reach } from '../../decision/types.ts'

const selectTeams = (db: Db) =>
  db
    .selectFrom('team as t')
    .selectAll('t')
    .select([
      sql<number>`(select count(*) from team_member m where m.team_id = t.id)`.as('members'),
      sql<{ id: string; name: string }[]>`coalesce((
        select json_agg(json_build_object('id', p.id, 'name', p.name) order by p.name)
        from team_member m join person p on p.id = m.person_id
        where m.team_id = t.id and m.lead), '[]')`.as('leads'),
    ])

export type TeamRow = Awaited<ReturnType<ReturnType<typeof selectTeams>['executeTakeFirstOrThrow']>>

export const findTeam = (db: Db, id: string): Promise<TeamRow | undefined> =>
  selectTeams(db).where('t.id', '=', id).executeTakeFirst()

export async function listTeams(
  db: Db,
  query: InputOf<'teams.list'>,
  after: readonly string[] | undefined,
): Promise<TeamRow[]> {
  let rows = selectTeams(db)
    .orderBy(sql`lower(t.name)`)
    .orderBy('t.id')
    .limit(query.limit + 1)
  if (after)
    rows = rows.where(sql<boolean>`(lower(t.name), t.id) > (${after[0]}, ${after[1]}::uuid)`)
  if (query.search) {
    const pattern = `%${query.search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
    rows = rows.where((w) =>
      w.or([w('t.name', 'ilike', pattern), w('t.idpGroup', 'ilike', pattern)]),
    )
  }
  return rows.execute()
}

export const listMembers = (db: Db, teamId: string) =>
  db
    .selectFrom('teamMember as m')
    .innerJoin('person as p', 'p.id', 'm.personId')
    .select(['p.id', 'p.name', 'p.email', 'p.state', 'm.lead', 'm.source', 'm.createdAt'])
    .where('m.teamId', '=', teamId)
    .orderBy('m.lead', 'desc')
    .orderBy(sql`lower(p.name)`)
    .execute()

/** What the team owns, narrowed to what the reader may see. */
export async function ownedBy(
  db: Db,
  teamId: string,
  kind: 'project' | 'context',
  reach: Reach,
): Promise<{ id: string; name: string }[]> {
  const own = kind === 'project' ? reach.projects : reach.contexts
  return db
    .selectFrom(kind)
    .select(['id', 'name'])
    .where('teamId', '=', teamId)
    .$if(!reach.everywhere, (rows) =>
      rows.where(
        sql<boolean>`(id = any(${[...own]}::uuid[]) or segment_id = any(${[...reach.segments]}::uuid[]))`,
      ),
    )
    .orderBy('name')
    .execute()
}
