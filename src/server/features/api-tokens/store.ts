import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'

/** Without its role a token permits nothing. */
const permissionsOf = sql<string[]>`coalesce(role.permissions, '{}')`

const selectTokens = (db: Db) =>
  db
    .selectFrom('apiToken as a')
    .innerJoin('person as p', 'p.id', 'a.personId')
    .leftJoin('role', 'role.id', 'a.roleId')
    .leftJoin('apiTokenUsed as used', 'used.tokenId', 'a.id')
    .selectAll('a')
    .select([
      'p.name as personName',
      'p.state as personState',
      sql<string>`coalesce(role.name, a.role_name)`.as('roleName'),
      permissionsOf.as('permissions'),
      'used.lastUsedAt',
      'used.ip as lastIp',
    ])

export type ApiTokenRow = Awaited<
  ReturnType<ReturnType<typeof selectTokens>['executeTakeFirstOrThrow']>
>

export const findToken = (db: Db, id: string): Promise<ApiTokenRow | undefined> =>
  selectTokens(db).where('a.id', '=', id).executeTakeFirst()

/** The token that a request carries, if it is live and its maker has not left; its columns are named. */
export const findLiveToken = (db: Db, hash: Buffer, now: Date) =>
  db
    .selectFrom('apiToken as a')
    .innerJoin('person as p', 'p.id', 'a.personId')
    .leftJoin('role', 'role.id', 'a.roleId')
    .select(['a.id', 'a.name', 'a.personId', 'a.allowSensitive', permissionsOf.as('permissions')])
    .where('a.hash', '=', hash)
    .where('a.revokedAt', 'is', null)
    .where('a.expiresAt', '>', now)
    .where('p.state', '=', 'active')
    .executeTakeFirst()

export async function listTokens(
  db: Db,
  query: { person?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<ApiTokenRow[]> {
  let rows = selectTokens(db)
    .orderBy('a.id', 'desc')
    .limit(query.limit + 1)
  if (query.person) rows = rows.where('a.personId', '=', query.person)
  if (query.cursor) rows = rows.where('a.id', '<', query.cursor)
  return rows.execute()
}

/** Last use, at most once a minute a token. */
export async function touchToken(db: Db, id: string, ip: string, now: Date): Promise<void> {
  await db
    .insertInto('apiTokenUsed')
    .values({ tokenId: id, lastUsedAt: now, ip })
    .onConflict((conflict) =>
      conflict
        .column('tokenId')
        .doUpdateSet({ lastUsedAt: now, ip })
        .where('apiTokenUsed.lastUsedAt', '<', new Date(now.getTime() - 60_000)),
    )
    .execute()
}

export const liveTokensOfRole = (db: Db, roleId: string, now: Date): Promise<ApiTokenRow[]> =>
  selectTokens(db)
    .where('a.roleId', '=', roleId)
    .where('a.revokedAt', 'is', null)
    .where('a.expiresAt', '>', now)
    .where('p.state', '=', 'active')
    .orderBy('a.id')
    .execute()

/** Leaves tokens that are over with the name of a role that goes. */
export async function keepTokensOfRole(db: Db, role: { id: string; name: string }): Promise<void> {
  await db
    .updateTable('apiToken')
    .set({ roleId: null, roleName: role.name })
    .where('roleId', '=', role.id)
    .execute()
}

/** Revokes every token of a person that is not revoked; answers which. */
export const revokeTokensOf = (
  db: Db,
  personId: string,
  by: string | null,
  now: Date,
  but?: string,
) =>
  db
    .updateTable('apiToken')
    .set((set) => ({ revokedAt: now, revokedBy: by, version: set('version', '+', 1) }))
    .where('personId', '=', personId)
    .where('revokedAt', 'is', null)
    .where('expiresAt', '>', now)
    .where('id', 'is distinct from', but ?? null)
    .returning(['id', 'name'])
    .execute()
