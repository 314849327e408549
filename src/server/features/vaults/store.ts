import { sql, type SqlBool } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'

const selectVaults = (db: Db) =>
  db
    .selectFrom('vaultServer')
    .leftJoin('person', 'person.id', 'vaultServer.createdBy')
    .selectAll('vaultServer')
    .select((eb) => [
      'person.name as createdByName',
      eb
        .selectFrom('secret')
        .whereRef('secret.vaultId', '=', 'vaultServer.id')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .as('secrets'),
    ])

export type VaultRow = Awaited<
  ReturnType<ReturnType<typeof selectVaults>['executeTakeFirstOrThrow']>
>

export const vaultById = (db: Db, id: string): Promise<VaultRow | undefined> =>
  selectVaults(db).where('vaultServer.id', '=', id).executeTakeFirst()

export async function listVaults(
  db: Db,
  query: InputOf<'vaults.list'>,
  after: readonly string[] | undefined,
): Promise<VaultRow[]> {
  let select = selectVaults(db)
    .orderBy(sql`lower(vault_server.name)`)
    .orderBy('vaultServer.id')
    .limit(query.limit + 1)
  if (after) {
    select = select.where(
      sql<SqlBool>`(lower(vault_server.name), vault_server.id) > (${after[0]}, ${after[1]}::uuid)`,
    )
  }
  return select.execute()
}

export async function insertVault(
  db: Db,
  values: InputOf<'vaults.create'> & { id: string; createdBy: string | null },
): Promise<void> {
  await db.insertInto('vaultServer').values(values).execute()
}

/** False when the version has moved on. */
export async function updateVault(
  db: Db,
  id: string,
  version: number,
  values: Omit<InputOf<'vaults.update'>, 'vaultId'>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('vaultServer')
    .set({ ...values, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function deleteVault(db: Db, id: string, version: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('vaultServer')
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Names by ids, for showing where secrets refer to. */
export async function vaultNames(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('vaultServer')
    .where('id', 'in', [...new Set(ids)])
    .select(['id', 'name'])
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
