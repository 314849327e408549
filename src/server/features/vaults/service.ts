import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { demandHttps } from '../../http/named.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { deleteVault, insertVault, updateVault, vaultById, type VaultRow } from './store.ts'

export { createVaultReader, type VaultQuestion, type VaultReader } from './read.ts'
export { vaultById, vaultNames } from './store.ts'

type Answer = AnswerOf<'vaults.view'>

/** Vault servers hold for the whole organization: who may see them anywhere may see each. */
const resourceOf = ({ id, name }: Pick<VaultRow, 'id' | 'name'>): Resource => ({
  kind: 'vault',
  id,
  name,
  within: {},
})

export const vaultResource: ResourceLoader<Db> = async (db, id) => {
  const row = await vaultById(db, id)
  return row && resourceOf(row)
}

export function vaultAnswer(scope: Scope, row: VaultRow): Answer {
  const { id, name, address, namespace, authPath, role, audience, createdAt, version } = row
  return {
    id,
    name,
    address,
    namespace,
    authPath,
    role,
    audience,
    secrets: row.secrets ?? 0,
    createdAt,
    createdBy:
      row.createdBy && row.createdByName ? { id: row.createdBy, name: row.createdByName } : null,
    version,
    allowed: scope.allowed(resourceOf(row)),
  }
}

export async function theVault(scope: Pick<Scope, 'db'>, id: string): Promise<VaultRow> {
  const row = await vaultById(scope.db, id)
  if (!row) throw problem('not_found', 'There is no such Vault server. It may have been removed.')
  return row
}

const told = ({ name, address, namespace, authPath, role, audience }: VaultRow) => ({
  name,
  address,
  namespace,
  authPath,
  role,
  audience,
})

export async function createVault(scope: Scope, input: InputOf<'vaults.create'>): Promise<Answer> {
  demandHttps(scope, 'address', input.address)
  const id = newId()
  await insertVault(scope.db, { id, ...input, createdBy: scope.actor.personId ?? null })
  const made = await theVault(scope, id)
  scope.record({ resource: { kind: 'vault', id, name: made.name }, after: told(made) })
  return vaultAnswer(scope, made)
}

export async function changeVault(
  scope: Scope,
  { vaultId, ...values }: InputOf<'vaults.update'>,
): Promise<Answer> {
  if (values.address !== undefined) demandHttps(scope, 'address', values.address)
  const before = await theVault(scope, vaultId)
  if (!(await updateVault(scope.db, vaultId, scope.expectedVersion ?? 0, values))) {
    throw stale(scope, before)
  }
  const after = await theVault(scope, vaultId)
  scope.record({ before: told(before), after: told(after) })
  return vaultAnswer(scope, after)
}

export async function removeVault(scope: Scope, id: string): Promise<void> {
  const before = await theVault(scope, id)
  if ((before.secrets ?? 0) > 0) {
    const sentence = `${before.secrets} secrets refer into ${before.name}. Store or point them elsewhere first.`
    throw problem('in_use', sentence)
  }
  if (!(await deleteVault(scope.db, id, scope.expectedVersion ?? 0))) throw stale(scope, before)
  scope.record({ before: told(before) })
}

const stale = (scope: Scope, row: VaultRow) =>
  problem('stale', 'Somebody changed this Vault server since you loaded it.', {
    current: vaultAnswer(scope, row),
  })
