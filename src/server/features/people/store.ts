import { sql } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'

const selectPeople = (db: Db) =>
  db
    .selectFrom('person as p')
    .selectAll('p')
    .select(
      sql<{ id: string; name: string; lead: boolean }[]>`coalesce((
        select json_agg(json_build_object('id', t.id, 'name', t.name, 'lead', m.lead) order by t.name)
        from team_member m join team t on t.id = m.team_id where m.person_id = p.id), '[]')`.as(
        'teams',
      ),
    )

export type PersonRow = Awaited<
  ReturnType<ReturnType<typeof selectPeople>['executeTakeFirstOrThrow']>
>

export const findPerson = (db: Db, id: string): Promise<PersonRow | undefined> =>
  selectPeople(db).where('p.id', '=', id).executeTakeFirst()

export async function listPeople(
  db: Db,
  query: InputOf<'people.list'>,
  after: readonly string[] | undefined,
  now: Date,
): Promise<PersonRow[]> {
  let rows = selectPeople(db)
    .orderBy(sql`lower(p.name)`)
    .orderBy('p.id')
    .limit(query.limit + 1)
  if (after)
    rows = rows.where(sql<boolean>`(lower(p.name), p.id) > (${after[0]}, ${after[1]}::uuid)`)
  if (query.state !== 'any') rows = rows.where('p.state', '=', query.state)
  if (query.search) {
    const pattern = `%${query.search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
    rows = rows.where((w) =>
      w.or([
        w('p.name', 'ilike', pattern),
        w('p.email', 'ilike', pattern),
        w('p.title', 'ilike', pattern),
      ]),
    )
  }
  if (query.team) {
    const { team } = query
    rows = rows.where('p.id', 'in', (w) =>
      w.selectFrom('teamMember').select('personId').where('teamId', '=', team),
    )
  }
  if (query.unseenDays) {
    const since = new Date(now.getTime() - query.unseenDays * 86_400_000)
    rows = rows.where((w) => w.or([w('p.lastSeenAt', 'is', null), w('p.lastSeenAt', '<', since)]))
  }
  return rows.execute()
}
