// P8: the stored record is spoiled in every way we know, at its edges and in between, by somebody who owns the database:
// rows alone, or the whole tree made anew around the change. `npm run verify` must name what was done, and where.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fromBase64 } from '../../proof/bytes.ts'
import { formatVerifierKey, signCheckpoint } from '../../proof/checkpoint.ts'
import { connect, type Database } from '../db/connect.ts'
import { newId } from '../db/new-id.ts'
import { hashOfLeaf, rootOfAll, type Bytes } from '../testing/second-verifier.ts'
import { cloneDatabase } from '../testing/test-database.ts'
import { canonical } from './canonical.ts'
import { checkpointFile, publish } from './publisher.ts'
import { seal } from './sealer.ts'
import { signingKeyFrom, type SigningKey } from './signing-key.ts'
import { verifyRecord } from './verify.ts'

const origin = 'audit.example.com/record'
const key = signingKeyFrom(Buffer.alloc(32, 11))
const stranger = signingKeyFrom(Buffer.alloc(32, 12))
/** Where checkpoints were signed: below, at and above a whole tile. */
const signedAt = [5, 100, 256, 257, 300]
const size = 300
const places = [0, 4, 5, 255, 256, 298]

let owner: Database
let sealer: Database
const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-record-'))
const leafOf = (who: string): Buffer =>
  Buffer.from(
    canonical({
      v: 1,
      eventId: newId(),
      occurredAt: new Date(),
      actor: { kind: 'person', id: who, name: who },
      action: 'contexts.create',
      outcome: 'permitted',
    }),
  )
const original = Array.from({ length: size }, (_, at) => leafOf(`person ${at}`))
const strange = leafOf('Eve')

/** The record of these leaves, by the sealer itself, whatever stood there before. */
async function make(leaves: readonly Buffer[], signing: readonly number[] = []): Promise<void> {
  await sql`truncate audit_entry, audit_tile, audit_queue`.execute(owner)
  await owner.updateTable('logState').set({ treeSize: 0 }).execute()
  let made = 0
  for (const end of [...signing, leaves.length]) {
    const rows = leaves
      .slice(made, end)
      .map((leaf) => ({ eventId: newId(), occurredAt: new Date(), leaf }))
    if (rows.length > 0) await owner.insertInto('auditQueue').values(rows).execute()
    await seal(sealer)
    if (signing.includes(end)) await publish(sealer, key, dataDir)
    made = end
  }
}

let outside: string | undefined
let notes: { treeSize: number; root: Buffer; note: string }[]
const check = async (pinned: SigningKey = key, name = origin) =>
  verifyRecord(owner, { pinnedKey: await formatVerifierKey(name, pinned.publicKey), outside })
const run = async (statements: string) => {
  for (const statement of statements.split('; ')) await sql.raw(statement).execute(owner)
}

beforeAll(async () => {
  const url = await cloneDatabase()
  owner = connect(url, { max: 2 })
  sealer = connect(url, { role: 'sallyport_sealer', max: 2 })
  await sealer.insertInto('logState').values({ origin }).execute()
  await make(original, signedAt)
  notes = await owner.selectFrom('auditCheckpoint').select(['treeSize', 'root', 'note']).execute()
})
beforeEach(async () => {
  await make(original)
  await owner.deleteFrom('auditCheckpoint').execute()
  await owner.insertInto('auditCheckpoint').values(notes).execute()
  await owner.updateTable('logState').set({ lastSignedSize: size }).execute()
  outside = readFileSync(checkpointFile(dataDir), 'utf8')
})
afterAll(async () => {
  await Promise.all([owner.destroy(), sealer.destroy()])
  rmSync(dataDir, { recursive: true, force: true })
})

test('the record as it was made is whole, and its signed roots are those of RFC 6962', async () => {
  expect(await check()).toMatchObject({ events: size, signed: size, checkpoints: signedAt.length })
  expect((await check()).fault).toBeUndefined()
  const hashes: Bytes[] = original.map(hashOfLeaf)
  for (const { treeSize, root } of notes) {
    expect(Buffer.from(rootOfAll(hashes.slice(0, treeSize))).equals(root)).toBe(true)
  }
})

/** Rows changed where they stand, at leaf `p`; and what the verification must say. */
const rows: [string, (p: number) => string, (p: number) => string][] = [
  [
    'an edit',
    (p) =>
      `update audit_entry set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'person', 'nobody'), 'UTF8') where leaf_index = ${p}`,
    (p) => `event ${p} (`,
  ],
  [
    'an edit with its hash',
    (p) =>
      `update audit_entry set leaf = '\\x7b7d', leaf_hash = sha256('\\x007b7d') where leaf_index = ${p}`,
    (p) => `event ${p} (`,
  ],
  [
    'a hash',
    (p) => `update audit_entry set leaf_hash = sha256('') where leaf_index = ${p}`,
    (p) => `the stored hash of event ${p} (`,
  ],
  [
    'a column',
    (p) => `update audit_entry set actor_name = 'Eve' where leaf_index = ${p}`,
    (p) => `column actorName of event ${p} (`,
  ],
  [
    'a deletion',
    (p) => `delete from audit_entry where leaf_index = ${p}`,
    (p) => `event ${p} was removed`,
  ],
  [
    'an exchange',
    (p) =>
      `update audit_entry set leaf_index = 1000 where leaf_index = ${p}; update audit_entry set leaf_index = ${p} where leaf_index = ${p + 1}; update audit_entry set leaf_index = ${p + 1} where leaf_index = 1000`,
    (p) => `event ${p} (`,
  ],
  [
    'a duplication',
    (p) =>
      `delete from audit_entry where leaf_index = ${p + 1}; insert into audit_entry select (jsonb_populate_record(e, '{"leaf_index": ${p + 1}}')).* from audit_entry e where leaf_index = ${p}`,
    (p) => `event ${p + 1} (`,
  ],
  [
    'an addition',
    (p) =>
      `insert into audit_entry select (jsonb_populate_record(e, '{"leaf_index": ${size}}')).* from audit_entry e where leaf_index = ${p}`,
    () => `event ${size} (`,
  ],
  [
    'a head cut off',
    (p) => `delete from audit_entry where leaf_index <= ${p}`,
    () => 'event 0 was removed',
  ],
  [
    'a tail cut off',
    (p) => `delete from audit_entry where leaf_index > ${p}`,
    (p) => `event ${p + 1} was removed`,
  ],
  [
    'a tail cut off and the size with it',
    (p) =>
      `delete from audit_entry where leaf_index > ${p}; update log_state set tree_size = ${p + 1}`,
    (p) => `event ${p + 1} was removed`,
  ],
  [
    'a hash of the tree',
    (p) =>
      `update audit_tile set hashes = overlay(hashes placing '\\x00ff00ff'::bytea from ${(p % 256) * 32 + 1}) where level = 0 and index = ${Math.floor(p / 256)}`,
    (p) => `event ${p} (`,
  ],
]

test.each(rows)('rows: %s is named wherever it stands', async (_, change, said) => {
  for (const p of places) {
    await make(original)
    await run(change(p))
    expect((await check()).fault, `at ${p}`).toContain(said(p))
  }
})

test('a hash above the leaves is named by the event that completed it', async () => {
  await run(
    `update audit_tile set hashes = overlay(hashes placing '\\x00ff'::bytea from 1) where level = 1`,
  )
  expect((await check()).fault).toContain('the stored tree above event 255 (')
})

/** Histories told anew, with tree, hashes and columns to match: only what was signed before can tell. */
const histories: [string, (p: number) => Buffer[]][] = [
  ['an edit', (p) => original.with(p, strange)],
  ['a deletion', (p) => original.toSpliced(p, 1)],
  ['a deletion made up for at the end', (p) => [...original.toSpliced(p, 1), strange]],
  ['an insertion', (p) => original.toSpliced(p, 0, strange)],
  ['a duplication', (p) => original.toSpliced(p, 0, original[p] ?? strange)],
  [
    'an exchange',
    (p) => original.with(p, original[p + 1] ?? strange).with(p + 1, original[p] ?? strange),
  ],
  ['a head cut off', (p) => original.slice(p + 1)],
  ['a tail cut off', (p) => original.slice(0, p + 1)],
  ['a reversal', () => original.toReversed()],
]
/** The fault names the stretch between two checkpoints in which the change lies, or the first event that is missing. */
function covers(fault: string | undefined, p: number): boolean {
  const [, from, to] =
    /an event of (\d+) to (\d+) was altered, removed or added/.exec(fault ?? '') ?? []
  if (from !== undefined) return Number(from) <= p && p <= Number(to)
  return /event (\d+) was removed: 300 events were signed/.test(fault ?? '')
}

test.each(histories)(
  'history told anew: %s is named between two checkpoints',
  async (how, change) => {
    for (const p of places) {
      const told = change(p)
      await make(told)
      const first = told.findIndex((leaf, at) => !leaf.equals(original[at] ?? strange))
      const { fault } = await check()
      expect(covers(fault, first < 0 ? told.length : first), `${how} at ${p}: ${fault}`).toBe(true)
    }
  },
)

test('the control: without what was signed, a history told anew passes for whole', async () => {
  await make(original.with(5, strange))
  await owner.deleteFrom('auditCheckpoint').execute()
  await owner.updateTable('logState').set({ lastSignedSize: 0 }).execute()
  outside = undefined
  expect((await check()).fault).toBeUndefined()
})

const signed = async (by: SigningKey, name: string, at: number, root?: Bytes) =>
  signCheckpoint(
    { origin: name, size: at, root: root ?? rootOfAll(original.slice(0, at).map(hashOfLeaf)) },
    by.publicKey,
    (text) => by.sign(text),
  )
const replaceNote = (at: number, note: string) =>
  owner.updateTable('auditCheckpoint').set({ note }).where('treeSize', '=', at).execute()

const checkpoints: [string, () => Promise<unknown>, string][] = [
  [
    'one by another key',
    async () => replaceNote(100, await signed(stranger, origin, 100)),
    'the checkpoint over 100 events: the checkpoint carries no signature',
  ],
  [
    'one of another log',
    async () => replaceNote(100, await signed(key, 'audit.example.com/other', 100)),
    'of another log',
  ],
  [
    'one of another size',
    async () => replaceNote(100, notes.find(({ treeSize }) => treeSize === 257)?.note ?? ''),
    'the checkpoint over 100 events is of 257',
  ],
  [
    'one with a root that never was',
    async () => replaceNote(100, await signed(key, origin, 100, fromBase64('A'.repeat(43) + '='))),
    'the stored root of the checkpoint over 100 events',
  ],
  [
    'a stored root',
    () => run(`update audit_checkpoint set root = sha256('') where tree_size = 100`),
    'the stored root of the checkpoint over 100 events',
  ],
  [
    'an edited note',
    () =>
      run(`update audit_checkpoint set note = replace(note, '100', '101') where tree_size = 100`),
    'the signature of the checkpoint is wrong',
  ],
  [
    'the newest removed, inside and outside',
    async () => {
      outside = undefined
      await run('delete from audit_checkpoint where tree_size = 300')
    },
    'the checkpoint over 300 events was removed',
  ],
  [
    'the one outside by another key',
    async () => {
      outside = await signed(stranger, origin, 300)
    },
    'the checkpoint outside of the database',
  ],
  [
    'the one outside contradicts the one inside',
    async () => {
      outside = await signed(key, origin, 300, rootOfAll([]))
    },
    'two checkpoints over 300 events contradict each other',
  ],
]
test.each(checkpoints)('checkpoints: %s is named', async (_, change, said) => {
  await change()
  expect((await check()).fault).toContain(said)
})

test('another pinned key, or the same key under another name, verifies nothing', async () => {
  expect((await check(stranger)).fault).toContain('no signature by this key')
  expect((await check(key, 'audit.example.com/other')).fault).toContain('of another log')
})
