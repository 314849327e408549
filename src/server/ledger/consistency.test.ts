import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { fromBase64 } from '../../proof/bytes.ts'
import { consistencyProof, verifyConsistency } from '../../proof/merkle.ts'
import { nodesFromTiles } from '../../proof/tiles.ts'
import { connect, type Database, type Db } from '../db/connect.ts'
import { inTransaction } from '../db/transaction.ts'
import { cloneDatabase } from '../testing/test-database.ts'
import { emit } from './emit.ts'
import { publish } from './publisher.ts'
import { seal, storedTiles } from './sealer.ts'
import { signingKeyFrom, type SigningKey } from './signing-key.ts'

/*
 * P10: whatever is killed between sealing, signing and publishing, and however many do it at once, every tree that was
 * ever signed is the beginning of every later one: also one whose signature never left.
 */

const key = signingKeyFrom(Buffer.alloc(32, 3))

interface Signed {
  readonly size: number
  readonly root: string
}

/** A key that remembers everything it has put its name to. */
function remembering(signed: Signed[]): SigningKey {
  return {
    publicKey: key.publicKey,
    sign(text) {
      const [, size = '', root = ''] = Buffer.from(text).toString().split('\n')
      signed.push({ size: Number(size), root })
      return key.sign(text)
    },
  }
}

const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
/** RFC 6962 §2.1 by its own words, on another hash library than the product's. */
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length <= 1) return leaves[0] ? sha(Buffer.of(0), leaves[0]) : sha()
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return sha(Buffer.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)))
}

/** Every signed tree that the record does not have, and every pair without a proof that one continues the other. */
async function contradictions(db: Db, signed: readonly Signed[]): Promise<string[]> {
  const rows = await db.selectFrom('auditEntry').select('leaf').orderBy('leafIndex').execute()
  const leaves = rows.map(({ leaf }) => leaf)
  const read = nodesFromTiles(storedTiles(db))
  const trees = [...new Map(signed.map((one) => [`${one.size} ${one.root}`, one])).values()]
  const faults = trees
    .filter(({ size, root }) => naiveRoot(leaves.slice(0, size)).toString('base64') !== root)
    .map(({ size }) => `tree of ${size}`)
  for (const one of trees) {
    for (const other of trees) {
      if (one.size > other.size) continue
      const proof = await consistencyProof(one.size, other.size, read).catch(() => [])
      const roots = [fromBase64(one.root), fromBase64(other.root)] as const
      if (!(await verifyConsistency(one.size, other.size, ...roots, proof))) {
        faults.push(`${one.size} and ${other.size}`)
      }
    }
  }
  return faults
}

async function openLog() {
  const url = await cloneDatabase()
  const owner = connect(url, { max: 3 })
  const app = connect(url, { role: 'sallyport_app', max: 8 })
  const sealers = [1, 2, 3].map(() => connect(url, { role: 'sallyport_sealer', max: 2 }))
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-p10-'))
  await sql`insert into log_state (origin) values ('audit.example.com/p10')`.execute(owner)
  // The backend ends itself in the middle of its statement, as `kill` would have it.
  await sql`create function die() returns trigger language plpgsql security definer as $$ begin
    perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); return new; end $$`.execute(
    owner,
  )
  const write = (count: number) =>
    inTransaction(app, { readOnly: false }, async (_, transaction) => {
      for (let at = 0; at < count; at++) {
        const actor = { kind: 'system', id: 'p10', name: 'p10' }
        emit(transaction, { actor, action: 'contexts.create', outcome: 'permitted' })
      }
    })
  return {
    owner,
    sealers,
    dataDir,
    write,
    async close() {
      await Promise.all([owner, app, ...sealers].map((db) => db.destroy()))
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

test('a kill at every step between sealing, signing and publishing contradicts nothing signed (P10)', async () => {
  const log = await openLog()
  const signed: Signed[] = []
  const remembered = remembering(signed)
  const [sealer] = log.sealers as [Database, ...Database[]]
  const failing: SigningKey = { ...remembered, sign: () => Promise.reject(new Error('no key')) }
  const signsAndDies: SigningKey = {
    ...remembered,
    async sign(text) {
      await remembered.sign(text)
      throw new Error('killed after it signed')
    },
  }
  let failures = 0
  const round = async (with_: SigningKey, dataDir = log.dataDir) => {
    try {
      while ((await seal(sealer)).sealed > 0);
      await publish(sealer, with_, dataDir)
    } catch {
      failures++
    }
  }
  const steps = [
    'audit_queue after delete',
    'audit_entry after insert',
    'audit_tile before insert',
    'audit_tile after update',
    'log_state before update',
    'log_state after update',
    'audit_checkpoint before insert',
    'audit_checkpoint after insert',
  ]
  for (const [at, step] of steps.entries()) {
    const [table, when, what] = step.split(' ')
    await log.write(1 + ((at * 5) % 7))
    const each = table === 'audit_entry' ? 'statement' : 'row'
    await sql
      .raw(
        `create trigger dies ${when} ${what} on ${table} for each ${each} execute function die()`,
      )
      .execute(log.owner)
    await round(remembered)
    await sql.raw(`drop trigger dies on ${table}`).execute(log.owner)
    await log.write(2)
    if (at % 2 === 0) await round(remembered)
  }
  for (const broken of [failing, signsAndDies]) {
    await log.write(3)
    await round(broken)
    await log.write(1)
    await round(remembered)
  }
  await log.write(1)
  // What is signed and stored, and not kept outside of the database, since its folder has gone.
  await round(remembered, join(log.dataDir, 'gone'))
  await round(remembered)
  expect(failures).toBe(steps.length + 3)
  expect(signed.length).toBeGreaterThan(8)
  expect(await contradictions(log.owner, signed)).toEqual([])
  await log.close()
})

test('of several sealers and publishers at once none contradicts another; one that signs what is not committed does (P10)', async () => {
  const log = await openLog()
  const signed: Signed[] = []
  const remembered = remembering(signed)
  const gate = { open: true }
  const working = log.sealers.map(async (db) => {
    while (gate.open) {
      await seal(db)
      await publish(db, remembered, log.dataDir)
    }
  })
  for (let at = 0; signed.length < 12; at++) await log.write(1 + (at % 3))
  gate.open = false
  await Promise.all(working)
  const [sealer] = log.sealers as [Database, ...Database[]]
  await seal(sealer)
  await publish(sealer, remembered, log.dataDir)
  expect(signed.length).toBeGreaterThan(5)
  expect(await contradictions(log.owner, signed)).toEqual([])

  // Negative control: a publisher that signs its tree before the transaction that makes it has committed.
  const hasty: Signed[] = []
  await log.write(2)
  await sealer
    .transaction()
    .execute(async (tx) => {
      const waiting = await tx
        .selectFrom('auditQueue')
        .select('leaf')
        .orderBy('xid')
        .orderBy('eventId')
        .execute()
      const before = await tx.selectFrom('auditEntry').select('leaf').orderBy('leafIndex').execute()
      const leaves = [...before, ...waiting].map(({ leaf }) => leaf)
      hasty.push({ size: leaves.length, root: naiveRoot(leaves).toString('base64') })
      await tx.deleteFrom('auditQueue').execute()
      throw new Error('killed before its commit')
    })
    .catch(() => {})
  await sql`delete from audit_queue`.execute(log.owner)
  await log.write(2)
  await seal(sealer)
  await publish(sealer, remembered, log.dataDir)
  expect(await contradictions(log.owner, signed)).toEqual([])
  expect((await contradictions(log.owner, [...signed, ...hasty])).length).toBeGreaterThan(0)
  await log.close()
})
