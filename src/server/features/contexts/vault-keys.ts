import type { Db } from '../../db/connect.ts'
import type { WrappedKeys } from '../../vault/vault.ts'

/** The vault's wrapped keys, in the database; the key that unwraps them is not. */
export function vaultKeys(db: Db): WrappedKeys {
  return {
    async list() {
      return db
        .selectFrom('vaultKey')
        .select(['purpose', 'version', 'deployment', 'provider', 'keyRef', 'wrapped'])
        .orderBy('purpose', 'desc')
        .orderBy('version')
        .execute()
    },
    async add(key) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('vaultKey')
        .values({ ...key, wrapped: Buffer.from(key.wrapped) })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return (numInsertedOrUpdatedRows ?? 0n) > 0n
    },
  }
}
