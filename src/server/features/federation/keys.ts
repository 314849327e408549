import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, exportJWK, importSPKI, SignJWT, type JWK } from 'jose'
import type { FederatedClaim } from '../../../contract/federated-claims.ts'
import { federatedSeconds } from '../../../contract/federation.ts'
import type { Database, Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { inTransaction } from '../../db/transaction.ts'
import { emit } from '../../ledger/emit.ts'
import type { KeyWrapProvider } from '../../vault/key-wrap.ts'

/** How long a new key is published before it signs, and an old one after it signs no more. */
const announcedMs = 10 * 60_000
const outlivesMs = 60 * 60_000
/** After which the next key is made by itself. */
const rotateAfterMs = 90 * 24 * 60 * 60_000

export interface FederationKeyRow {
  readonly kid: string
  readonly publicJwk: JWK
  readonly wrapped: Buffer
  readonly keyRef: string
  readonly createdAt: Date
  readonly signsFrom: Date
  readonly retiredAt: Date | null
}

/** Signs tokens as the issuer that this deployment is, for whoever trusts it instead of a stored secret. */
export interface Federation {
  readonly issuer: string
  /** The set as it is published (RFC 7517): the next key, the one that signs, and those whose tokens may still live. */
  published(): Promise<JWK[]>
  sign(claims: Readonly<Record<string, unknown>>, audience: string): Promise<string>
}

export interface FederationParts {
  readonly db: Database
  readonly provider: KeyWrapProvider
  readonly issuer: string
}

const wrapContext = (kid: string) => ({ purpose: 'federation', kid })
const generate = promisify(generateKeyPair)

export const keysOf = (db: Db): Promise<FederationKeyRow[]> =>
  db.selectFrom('federationKey').selectAll().orderBy('signsFrom', 'desc').execute()

/** RS256 with 2048 bits: the one signature that Vault and every cloud's workload identity verify. */
export async function makeKey(provider: KeyWrapProvider) {
  const { publicKey, privateKey } = await generate('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  })
  const bare = await exportJWK(await importSPKI(publicKey, 'RS256'))
  const kid = await calculateJwkThumbprint(bare)
  const { blob, keyRef } = await provider.wrap(privateKey, wrapContext(kid))
  privateKey.fill(0)
  const publicJwk = { ...bare, kid, alg: 'RS256', use: 'sig' }
  return { kid, publicJwk, wrapped: Buffer.from(blob), keyRef }
}

/** When a key made now signs, beside those that are there. */
export const signsFrom = (now: Date, { first, atOnce }: { first: boolean; atOnce: boolean }) =>
  first || atOnce ? now : new Date(now.getTime() + announcedMs)

export const stateOf = (row: FederationKeyRow, rows: readonly FederationKeyRow[], now: Date) => {
  if (row.retiredAt) return 'retired' as const
  if (row.signsFrom > now) return 'next' as const
  return signing(rows, now)?.kid === row.kid ? ('signing' as const) : ('retired' as const)
}

const signing = (rows: readonly FederationKeyRow[], now: Date) =>
  rows.find((row) => row.signsFrom <= now && !row.retiredAt)

/** Those whose tokens may still be verified: what another replaced stays for an hour. */
function publishedAt(rows: readonly FederationKeyRow[], now: Date): FederationKeyRow[] {
  return rows.filter((row, index) => {
    if (row.retiredAt) return false
    const successor = rows.slice(0, index).findLast((newer) => newer.signsFrom <= now)
    return !successor || successor.signsFrom.getTime() + outlivesMs > now.getTime()
  })
}

/** Makes the first key, or the next one when the newest has served its time. Of several servers one does. */
async function keepFresh({ db, provider }: FederationParts): Promise<void> {
  const due = (rows: readonly FederationKeyRow[]) => {
    const newest = rows.find(({ retiredAt }) => !retiredAt)
    return !newest || newest.signsFrom.getTime() + rotateAfterMs < Date.now()
  }
  if (!due(await keysOf(db))) return
  const made = await makeKey(provider)
  await inTransaction(db, { readOnly: false }, async (tx, transaction) => {
    await lockKeys(tx)
    const rows = await keysOf(tx)
    if (!due(rows)) return
    const from = signsFrom(transaction.now, { first: rows.length === 0, atOnce: false })
    await insertKey(tx, made, from)
    emit(transaction, {
      actor: { kind: 'system', id: 'federation', name: 'Federation' },
      action: 'federation.rotate',
      outcome: 'permitted',
      resource: { kind: 'federationKey', id: made.kid, name: made.kid },
      after: { kid: made.kid, signsFrom: from.toISOString() },
    })
  })
}

export async function lockKeys(db: Db): Promise<void> {
  await db.selectFrom('federationKey').select('kid').forUpdate().execute()
}

type Made = Awaited<ReturnType<typeof makeKey>>

export async function insertKey(db: Db, made: Made, from: Date): Promise<void> {
  const { publicJwk, ...row } = made
  await db
    .insertInto('federationKey')
    .values({ ...row, publicJwk: JSON.stringify(publicJwk), signsFrom: from, retiredAt: null })
    .execute()
}

/** Opens the issuer: its first key is made here, before anybody asks. */
export async function openFederation(parts: FederationParts): Promise<Federation> {
  await keepFresh(parts)
  const { db, provider, issuer } = parts
  const opened = new Map<string, KeyObject>()
  const privateKeyOf = async ({ kid, wrapped, keyRef }: FederationKeyRow): Promise<KeyObject> => {
    const known = opened.get(kid)
    if (known) return known
    const der = Buffer.from(await provider.unwrap(wrapped, keyRef, wrapContext(kid)))
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    der.fill(0)
    opened.set(kid, key)
    return key
  }
  return {
    issuer,
    async published() {
      await keepFresh(parts)
      return publishedAt(await keysOf(db), new Date()).map(({ publicJwk }) => publicJwk)
    },
    async sign(claims, audience) {
      const now = new Date()
      const row = signing(await keysOf(db), now)
      if (!row) throw new Error('no key signs federated tokens')
      const seconds = Math.floor(now.getTime() / 1000)
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: row.kid, typ: 'JWT' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(seconds)
        .setNotBefore(seconds - 5)
        .setExpirationTime(seconds + federatedSeconds)
        .setJti(newId())
        .sign(await privateKeyOf(row))
    },
  }
}

/** What a federated token says of the run: names to match on, ids that no rename changes, never a secret. */
export function federatedClaims(run: {
  readonly project: { readonly id: string; readonly name: string; readonly slug: string }
  readonly context: { readonly id: string; readonly name: string }
  readonly provider: string
  readonly branch?: string
  readonly tag?: string
  readonly environment?: string
  readonly runId?: string | null
  readonly lease: string
}): Partial<Record<FederatedClaim, unknown>> {
  const { project, context, provider, branch, tag, environment, runId, lease } = run
  return {
    sub: `project:${project.slug}:context:${context.name}`,
    project: project.slug,
    project_id: project.id,
    context: context.name,
    context_id: context.id,
    ci: provider,
    ...(branch !== undefined && { ref: branch, ref_type: 'branch' }),
    ...(branch === undefined && tag !== undefined && { ref: tag, ref_type: 'tag' }),
    ...(environment !== undefined && { environment }),
    ...(runId && { run_id: runId }),
    lease_id: lease,
  }
}
