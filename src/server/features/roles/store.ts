import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
import { grantHolds } from '../../decision/live-grant.ts'

const live = grantHolds()

const selectRoles = (db: Db) =>
  db
    .selectFrom('role')
    .selectAll('role')
    .select((select) =>
      select
        .selectFrom('accessGrant as g')
        .select((count) => count.fn.countAll<number>().as('n'))
        .whereRef('g.roleId', '=', 'role.id')
        .where(live)
        .as('grants'),
    )

export type RoleRow = Awaited<ReturnType<ReturnType<typeof selectRoles>['executeTakeFirstOrThrow']>>

export const findRole = (db: Db, id: string): Promise<RoleRow | undefined> =>
  selectRoles(db).where('role.id', '=', id).executeTakeFirst()

/** Holds the role until the transaction ends: nobody can refer to it anew meanwhile. */
export const lockRole = (db: Db, id: string) =>
  db.selectFrom('role').select('id').where('id', '=', id).forUpdate().execute()

/** Oldest first, so that the built-in ones lead; after the id of the row before. */
export async function listRoles(
  db: Db,
  query: { search?: string | undefined; limit: number },
  after: string | undefined,
): Promise<RoleRow[]> {
  let rows = selectRoles(db)
    .orderBy('role.id')
    .limit(query.limit + 1)
  if (after) rows = rows.where('role.id', '>', after)
  if (query.search) {
    const pattern = `%${query.search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
    rows = rows.where((w) =>
      w.or([
        w('role.name', 'ilike', pattern),
        w('role.description', 'ilike', pattern),
        sql<boolean>`array_to_string(role.permissions, ' ') ilike ${pattern}`,
      ]),
    )
  }
  return rows.execute()
}

/** Every live grant, or those of one role, with names. */
export const liveGrants = (db: Db) =>
  db
    .selectFrom('accessGrant as g')
    .leftJoin('person as p', 'p.id', 'g.personId')
    .leftJoin('team as t', 't.id', 'g.teamId')
    .selectAll('g')
    .select(['p.name as personName', 't.name as teamName'])
    .where(live)
    .orderBy('g.id')

/**
 * Every live grant that reaches an active person who holds the role: what they hold by it and by all others, so that
 * what a change of the role comes to can be worked out.
 */
export async function holdingsOfHolders(db: Db, roleId: string) {
  return db
    .with('reached', (w) =>
      w
        .selectFrom('accessGrant as g')
        .leftJoin('teamMember as m', 'm.teamId', 'g.teamId')
        .innerJoin('person', (join) =>
          join.on(sql<boolean>`person.id = coalesce(g.person_id, m.person_id)`),
        )
        .leftJoin('team as t', 't.id', 'g.teamId')
        .innerJoin('role', 'role.id', 'g.roleId')
        .select([
          'person.id as personId',
          'person.name as personName',
          'g.roleId',
          'g.subjectKind',
          't.id as teamId',
          't.name as teamName',
          'g.scopeKind',
          'g.segmentId',
          'g.projectId',
          'g.contextId',
          'g.scopeName',
          'role.permissions',
        ])
        .where('person.state', '=', 'active')
        .where(live),
    )
    .selectFrom('reached')
    .selectAll()
    .where('personId', 'in', (w) =>
      w.selectFrom('reached').select('personId').where('roleId', '=', roleId),
    )
    .orderBy('personName')
    .orderBy('personId')
    .execute()
}
