import { sql, type SqlBool } from 'kysely'
import type { Db } from '../../db/connect.ts'
import { statement, type Statement } from '../../db/statement.ts'
import { within } from './store.ts'
import type { SecretReference } from '../../../contract/vaults.ts'
import type { Reach } from '../../decision/types.ts'

export interface SecretRow {
  readonly id: string
  readonly contextId: string
  readonly name: string
  readonly currentVersion: number
  readonly token: string
  readonly fingerprint: Buffer
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly lastUsedAt: Date | null
  readonly reference: SecretReference | null
}

export async function secretsOf(db: Db, contextId: string): Promise<SecretRow[]> {
  return db
    .selectFrom('secret')
    .where('contextId', '=', contextId)
    .selectAll()
    .orderBy('name')
    .execute()
}

/** Those that refer into a Vault server, or into any, of contexts that the reach covers. */
export async function referencesInto(
  db: Db,
  reach: Reach,
  query: { readonly vault?: string | undefined; readonly limit: number },
  after: readonly string[] | undefined,
) {
  let select = db
    .selectFrom('secret')
    .innerJoin('context', 'context.id', 'secret.contextId')
    .where('secret.vaultId', query.vault ? '=' : 'is not', query.vault ?? null)
    .where(within(reach))
    .selectAll('secret')
    .select('context.name as contextName')
    .orderBy(sql`lower(context.name)`)
    .orderBy('secret.name')
    .orderBy('secret.id')
    .limit(query.limit + 1)
  if (after) {
    select = select.where(
      sql<SqlBool>`(lower(context.name), secret.name, secret.id) > (${after[0]}, ${after[1]}, ${after[2]}::uuid)`,
    )
  }
  return select.execute()
}

export async function secretNamed(
  db: Db,
  contextId: string,
  name: string,
): Promise<SecretRow | undefined> {
  return db
    .selectFrom('secret')
    .where('contextId', '=', contextId)
    .where('name', '=', name)
    .selectAll()
    .executeTakeFirst()
}

export interface SameValue {
  readonly fingerprint: Buffer
  readonly contextId: string
  readonly contextName: string
  /** Whether the reader may know the context by name. */
  readonly visible: boolean
}

/** Contexts other than the given one that hold one of these values. */
export async function sameValues(
  db: Db,
  contextId: string,
  fingerprints: readonly Buffer[],
  reach: Reach,
): Promise<SameValue[]> {
  if (fingerprints.length === 0) return []
  return db
    .selectFrom('secret')
    .innerJoin('context', 'context.id', 'secret.contextId')
    .where('secret.fingerprint', 'in', fingerprints)
    .where('secret.contextId', '!=', contextId)
    .distinct()
    .select([
      'secret.fingerprint',
      'context.id as contextId',
      'context.name as contextName',
      within(reach).as('visible'),
    ])
    .orderBy('context.name')
    .execute()
}

export interface NewVersion {
  readonly secretId: string
  readonly version: number
  readonly sealed: Buffer
  readonly token: string
  readonly fingerprint: Buffer
  readonly how: 'stored' | 'imported' | 'rolled_back' | 'referenced'
  readonly reference: SecretReference | null
  readonly fromVersion: number | null
  readonly createdBy: string | null
}

/** Stores a version and makes it the current one, of a new secret or of one that is there. */
export async function putVersion(
  db: Db,
  secret: { contextId: string; name: string },
  made: NewVersion,
): Promise<void> {
  const { secretId: id, version: currentVersion, token, fingerprint } = made
  const reference = made.reference && JSON.stringify(made.reference)
  await db
    .insertInto('secret')
    .values({ id, ...secret, currentVersion, token, fingerprint, reference })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({
        currentVersion,
        token,
        fingerprint,
        reference,
        updatedAt: sql`clock_timestamp()`,
      }),
    )
    .execute()
  await db
    .insertInto('secretVersion')
    .values({ ...made, reference })
    .execute()
}

export async function deleteSecret(db: Db, id: string): Promise<void> {
  await db.deleteFrom('secret').where('id', '=', id).execute()
}

export async function versionsOf(db: Db, secretId: string) {
  return db
    .selectFrom('secretVersion')
    .leftJoin('person', 'person.id', 'secretVersion.createdBy')
    .where('secretId', '=', secretId)
    .select([
      'secretVersion.version',
      'secretVersion.token',
      'secretVersion.fingerprint',
      'secretVersion.how',
      'secretVersion.fromVersion',
      'secretVersion.createdAt',
      'secretVersion.createdBy',
      'person.name as createdByName',
      'secretVersion.sealed',
      'secretVersion.reference',
    ])
    .orderBy('secretVersion.version', 'desc')
    .execute()
}

/** Remembers that runs were given these contexts: at most once a minute each, lest they wait for one another. */
export const touchUsed = (contextIds: readonly string[], at: Date): Statement => statement`
  with secrets as (
    update secret set last_used_at = ${at} where context_id = any(${contextIds}::uuid[])
      and (last_used_at is null or last_used_at < ${at}::timestamptz - interval '1 minute'))
  update context set last_used_at = ${at} where id = any(${contextIds}::uuid[])
    and (last_used_at is null or last_used_at < ${at}::timestamptz - interval '1 minute')`
