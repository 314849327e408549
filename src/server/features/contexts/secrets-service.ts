import { contextLimits } from '../../../contract/context-limits.ts'
import { type contexts, type ImportLine } from '../../../contract/contexts.ts'
import type { Answer } from '../../../contract/operation.ts'
import { newId } from '../../db/new-id.ts'
import { demandNamed } from '../../http/named.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { SealBrokenError } from '../../vault/envelope.ts'
import { standIn, type SecretPlace, type Vault } from '../../vault/vault.ts'
import { readEnvText, type EnvLine } from './env-file.ts'
import {
  deleteSecret,
  putVersion,
  sameValues,
  secretNamed,
  secretsOf,
  versionsOf,
  type NewVersion,
  type SecretRow,
} from './secret-store.ts'
import type { SecretReference } from '../../../contract/vaults.ts'
import { vaultById, vaultNames, vaultResource } from '../vaults/service.ts'
import { referenceText } from './reference.ts'
import { lockContext } from './store.ts'

type SecretAnswer = Answer<typeof contexts.store>

/** Secrets of a context as shown: stand-ins, and where the same value is stored as well. */
export async function secretAnswers(
  scope: Scope,
  contextId: string,
  rows: readonly SecretRow[],
): Promise<SecretAnswer[]> {
  const vaults = await vaultNames(
    scope.db,
    rows.flatMap(({ reference }) => (reference ? [reference.vaultId] : [])),
  )
  const same = await sameValues(
    scope.db,
    contextId,
    rows.map(({ fingerprint }) => fingerprint),
    scope.reach('context:view'),
  )
  return rows.map((row) => {
    const others = same.filter(({ fingerprint }) => fingerprint.equals(row.fingerprint))
    const { id, name, token, currentVersion, createdAt, updatedAt, lastUsedAt } = row
    return {
      id,
      name,
      token,
      currentVersion,
      createdAt,
      updatedAt,
      lastUsedAt,
      reference: row.reference && {
        ...row.reference,
        vaultName: vaults.get(row.reference.vaultId) ?? 'unknown',
      },
      sameIn: {
        contexts: others.length,
        names: others.filter(({ visible }) => visible).map(({ contextName }) => contextName),
      },
    }
  })
}

async function answerNamed(scope: Scope, contextId: string, name: string): Promise<SecretAnswer> {
  const row = await theSecret(scope, contextId, name)
  const [answer] = await secretAnswers(scope, contextId, [row])
  if (!answer) throw new Error('a secret that was just read has no answer')
  return answer
}

export async function theSecret(scope: Scope, contextId: string, name: string): Promise<SecretRow> {
  const row = await secretNamed(scope.db, contextId, name)
  if (!row) throw problem('not_found', `This context has no secret ${name}.`)
  return row
}

/** Throws the 412 unless the version that was looked at is still the current one; the context is locked meanwhile. */
function demandCurrent(scope: Scope, { name, currentVersion, token }: SecretRow): void {
  if (scope.expectedVersion === currentVersion) return
  throw problem('stale', `Somebody stored ${name} anew since you loaded it. Look at it again.`, {
    current: { name, currentVersion, token },
  })
}

/** Seals a value as the next version. The bytes are overwritten when done; the string cannot be, JavaScript has no way. */
async function putValue(
  scope: Scope,
  vault: Vault,
  at: { contextId: string; name: string; existing: SecretRow | undefined },
  value: Buffer,
  how: Pick<NewVersion, 'how' | 'fromVersion' | 'reference'> & { token?: string },
): Promise<string> {
  const { contextId, name, existing } = at
  const secretId = existing?.id ?? newId()
  const version = (existing?.currentVersion ?? 0) + 1
  const token = how.token ?? standIn()
  const made: NewVersion = {
    secretId,
    version,
    token,
    sealed: vault.seal(value, { contextId, secretId, name, version }),
    fingerprint: vault.fingerprint(value),
    how: how.how,
    fromVersion: how.fromVersion,
    reference: how.reference,
    createdBy: scope.actor.personId ?? null,
  }
  await putVersion(scope.db, { contextId, name }, made)
  return token
}

const tooMany = (count: number) =>
  problem(
    'limit_reached',
    `A context holds at most ${contextLimits.secretsPerContext} secrets; this would make ${count}. Delete some, or use another context.`,
  )

export async function storeSecret(
  scope: Scope,
  vault: Vault,
  input: { contextId: string; name: string; value: string },
): Promise<SecretAnswer> {
  const { contextId, name } = input
  await lockContext(scope.db, contextId)
  const rows = await secretsOf(scope.db, contextId)
  const existing = rows.find((row) => row.name === name)
  if (!existing && rows.length >= contextLimits.secretsPerContext) throw tooMany(rows.length + 1)
  const value = Buffer.from(input.value)
  const how = { how: 'stored', fromVersion: null, reference: null } as const
  try {
    const token = await putValue(scope, vault, { contextId, name, existing }, value, how)
    scope.record({
      context: contextId,
      ...(existing && { before: { [name]: existing.token } }),
      after: { [name]: token },
      detail: { secret: name, version: (existing?.currentVersion ?? 0) + 1 },
    })
  } finally {
    value.fill(0)
  }
  return answerNamed(scope, contextId, name)
}

/** Points a secret to where its value is kept. The reference is sealed in the value's place, so that nobody can point it elsewhere. */
export async function referSecret(
  scope: Scope,
  vault: Vault,
  input: { contextId: string; name: string; reference: SecretReference },
): Promise<SecretAnswer> {
  const { contextId, name, reference } = input
  const server = await vaultResource(scope.db, reference.vaultId)
  demandNamed(scope, 'reference.vaultId', 'Vault server', server, ['vault:view'])
  await lockContext(scope.db, contextId)
  const rows = await secretsOf(scope.db, contextId)
  const existing = rows.find((row) => row.name === name)
  if (!existing && rows.length >= contextLimits.secretsPerContext) throw tooMany(rows.length + 1)
  const how = { how: 'referenced', fromVersion: null, reference } as const
  const value = Buffer.from(referenceText(reference))
  const token = await putValue(scope, vault, { contextId, name, existing }, value, how)
  const { mount, path, field } = reference
  scope.record({
    context: contextId,
    ...(existing && { before: { [name]: existing.token } }),
    after: { [name]: token },
    detail: { secret: name, vault: server?.name, mount, path, field },
  })
  return answerNamed(scope, contextId, name)
}

export async function removeSecret(
  scope: Scope,
  input: { contextId: string; name: string },
): Promise<void> {
  await lockContext(scope.db, input.contextId)
  const row = await theSecret(scope, input.contextId, input.name)
  demandCurrent(scope, row)
  await deleteSecret(scope.db, row.id)
  scope.record({
    context: input.contextId,
    before: { [row.name]: row.token },
    detail: { secret: row.name, versions: row.currentVersion },
  })
}

/** The value in its place; what was altered or moved in the database is refused, and its event says so (P32). */
export function openSealed(vault: Vault, sealed: Buffer, place: SecretPlace): Buffer {
  try {
    return vault.open(sealed, place)
  } catch (error) {
    if (!(error instanceof SealBrokenError)) throw error
    throw problem(
      'integrity_fault',
      `Version ${place.version} of the secret ${place.name} is not what was sealed there: it was altered or moved in the database, and is not used. Store the value anew, and look into who writes to the database.`,
    )
  }
}

/** Stores an earlier value again as the newest version; history is never rewritten. */
export async function rollBack(
  scope: Scope,
  vault: Vault,
  input: { contextId: string; name: string; version: number },
): Promise<SecretAnswer> {
  const { contextId, name } = input
  await lockContext(scope.db, contextId)
  const existing = await theSecret(scope, contextId, name)
  demandCurrent(scope, existing)
  if (input.version === existing.currentVersion) {
    throw problem('conflict', `Version ${input.version} is the current one already.`)
  }
  const versions = await versionsOf(scope.db, existing.id)
  const old = versions.find(({ version }) => version === input.version)
  if (!old) throw problem('not_found', `The secret ${name} has no version ${input.version}.`)
  if (old.reference && !(await vaultById(scope.db, old.reference.vaultId))) {
    throw problem(
      'conflict',
      `Version ${input.version} of ${name} refers into a Vault server that was removed. Name that server again and refer ${name} into it, or choose another version.`,
    )
  }
  const place = { contextId, secretId: existing.id, name, version: old.version }
  const value = openSealed(vault, old.sealed, place)
  const { reference, token } = old
  const how = { how: 'rolled_back', fromVersion: old.version, token, reference } as const
  try {
    await putValue(scope, vault, { contextId, name, existing }, value, how)
  } finally {
    value.fill(0)
  }
  scope.record({
    context: contextId,
    before: { [name]: existing.token },
    after: { [name]: old.token },
    detail: { secret: name, fromVersion: old.version, version: existing.currentVersion + 1 },
  })
  return answerNamed(scope, contextId, name)
}

interface Planned extends EnvLine {
  readonly change: ImportLine['change']
  readonly existing: SecretRow | undefined
}

async function plan(
  scope: Scope,
  vault: Vault,
  input: { contextId: string; text: string },
): Promise<Planned[]> {
  const rows = await secretsOf(scope.db, input.contextId)
  const byName = new Map(rows.map((row) => [row.name, row]))
  let total = rows.length
  const planned: Planned[] = []
  for (const read of readEnvText(input.text)) {
    const existing = read.name === null ? undefined : byName.get(read.name)
    if (read.value === undefined) planned.push({ ...read, existing, change: 'error' })
    else if (existing) {
      const same = vault.fingerprint(Buffer.from(read.value)).equals(existing.fingerprint)
      planned.push({ ...read, existing, change: same ? 'same' : 'replace' })
    } else if (++total <= contextLimits.secretsPerContext) {
      planned.push({ ...read, existing, change: 'new' })
    } else {
      const { line, name } = read
      planned.push({ line, name, existing, change: 'error', problem: tooMany(total).message })
    }
  }
  return planned
}

export async function previewImport(
  scope: Scope,
  vault: Vault,
  input: { contextId: string; text: string },
): Promise<Answer<typeof contexts.previewImport>> {
  const planned = await plan(scope, vault, input)
  return {
    items: planned.map(({ line, name, change, problem: fault }) =>
      fault === undefined ? { line, name, change } : { line, name, change, problem: fault },
    ),
    problems: planned.filter(({ change }) => change === 'error').length,
  }
}

export async function importSecrets(
  scope: Scope,
  vault: Vault,
  input: { contextId: string; text: string },
): Promise<Answer<typeof contexts.importSecrets>> {
  const { contextId } = input
  await lockContext(scope.db, contextId)
  const planned = await plan(scope, vault, input)
  const faults = planned.filter(({ change }) => change === 'error')
  if (faults.length > 0) {
    throw problem('invalid_input', 'Some lines cannot be imported, so none was.', {
      fields: faults.map(({ line, problem: fault }) => ({
        path: `line ${line}`,
        message: fault ?? 'cannot be imported',
      })),
    })
  }
  if (planned.length === 0) {
    throw problem('invalid_input', 'The text holds no variable.', {
      fields: [{ path: 'text', message: 'Write one NAME=value a line.' }],
    })
  }
  const before: Record<string, string> = {}
  const after: Record<string, string> = {}
  for (const { name, value, existing, change } of planned) {
    if (name === null || value === undefined || change === 'same') continue
    const bytes = Buffer.from(value)
    const how = { how: 'imported', fromVersion: null, reference: null } as const
    after[name] = await putValue(scope, vault, { contextId, name, existing }, bytes, how)
    bytes.fill(0)
    if (existing) before[name] = existing.token
  }
  const count = (change: ImportLine['change']) =>
    planned.filter((line) => line.change === change).length
  const counts = { stored: count('new'), replaced: count('replace'), unchanged: count('same') }
  scope.record({ context: contextId, before, after, detail: counts })
  return counts
}
