import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openArchive } from '../../proof/archive.ts'
import { formatVerifierKey } from '../../proof/checkpoint.ts'
import { consistencyProof, verifyConsistency } from '../../proof/merkle.ts'
import { nodesFromTiles } from '../../proof/tiles.ts'
import { verifyPack } from '../../proof/verify-pack.ts'
import { connect, type Database } from '../db/connect.ts'
import { asPack, planPack } from '../features/audit/evidence.ts'
import { readSearch } from '../features/audit/search.ts'
import { cloneDatabase } from '../testing/test-database.ts'
import { emitAll, type AuditEvent } from './emit.ts'
import { erased, eraseAction } from './personal.ts'
import { keptDays, planPruning, pruneAction, pruneRecord, type KeptBy } from './prune.ts'
import { publish } from './publisher.ts'
import { makeRoom, seal, storedTiles } from './sealer.ts'
import { signingKeyFrom } from './signing-key.ts'
import { verifyRecord } from './verify.ts'

/* P12: whatever has left the record, each proof of what is left holds, and everything carried away before verifies. */

const origin = 'audit.example.com/pruned'
const key = signingKeyFrom(Buffer.alloc(32, 21))
const pinnedKey = await formatVerifierKey(origin, key.publicKey)
const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-prune-'))
/** Where checkpoints were signed: one off and on the sides of a tile, and of a tile of tiles. */
const signedAt = [5, 255, 256, 257, 65_535, 65_536, 65_537, 65_900]
const day = 86_400_000
const old = new Date(Date.now() - (keptDays + 1) * day)

let url: string
let owner: Database
let sealer: Database

async function happen(count: number, at: Date): Promise<void> {
  const event = (number: number) => ({
    actor: { kind: 'person', id: 'lin', name: 'Lin' },
    action: 'contexts.create',
    outcome: 'permitted' as const,
    resource: { kind: 'context', id: `context-${number}`, name: `context ${number}` },
  })
  for (let done = 0; done < count; done += 5_000) {
    const some = Array.from({ length: Math.min(5_000, count - done) }, (_, nth) => done + nth)
    await emitAll(
      owner,
      some.map((number) => ({ event: event(number), at })),
    )
  }
}
/** What the record's first events say of people, and its last: one erased there, one by what had left before, one never. */
const people = { erased: 'quirin', before: 'rosa', never: 'tom' }
const saidFirst: AuditEvent[] = [
  {
    actor: { kind: 'person', id: 'lin', name: 'Lin' },
    action: eraseAction,
    outcome: 'permitted',
    resource: { kind: 'person', id: people.erased, name: erased },
  },
  {
    actor: { kind: 'system', id: 'operator', name: 'Operator of the database' },
    action: pruneAction,
    outcome: 'permitted',
    detail: { until: 0, erased: [people.before] },
  },
]
const doneLast: AuditEvent[] = Object.values(people).map((id) => ({
  actor: { kind: 'person', id, name: `${id} Ostertag` },
  action: 'contexts.create',
  outcome: 'permitted',
}))
const tell = async (events: AuditEvent[]) =>
  emitAll(
    owner,
    events.map((event) => ({ event, at: old })),
  )

/** What erasing somebody leaves of events that they did: the leaf, and nothing beside it. */
async function forget(...ids: string[]): Promise<void> {
  await owner
    .updateTable('auditEntry')
    .set({ actorName: erased, beside: null })
    .where('actorId', 'in', ids)
    .execute()
}

async function settle(): Promise<void> {
  while ((await seal(sealer)).sealed > 0);
  await publish(sealer, key, dataDir)
}

interface Pack {
  readonly blob: Blob
  readonly kept: KeptBy
}

/** Everything that is left in the record, or what happened in a time, as an evidence pack. */
async function carryAway(from?: Date): Promise<Pack> {
  const reach = { everywhere: true, segments: [], projects: [], contexts: [] }
  const search = await readSearch(owner, from ? { from: from.toISOString() } : {}, reach)
  const by = { kind: 'person', id: 'noor', name: 'Noor' }
  const about = { query: {}, exportedAt: new Date().toISOString(), exportedBy: by, requestId: 'r' }
  const plan = await planPack(owner, search, undefined, about)
  const parts: Uint8Array<ArrayBuffer>[] = []
  for await (const part of asPack(plan, { key, verifierKey: pinnedKey })(owner)) {
    parts.push(new Uint8Array(part as Uint8Array))
  }
  const blob = new Blob(parts)
  const { manifest } = await verified(blob)
  const { range, treeSize, root } = manifest!
  const kept = { sha256: 'ab'.repeat(32), start: range.start, end: range.end, treeSize, root }
  return { blob, kept }
}

async function verified(blob: Blob) {
  const verdict = await verifyPack(await openArchive(blob), { pinnedKey })
  expect(verdict.faults).toEqual([])
  return verdict
}

const check = () => verifyRecord(owner, { pinnedKey })
const left = async () => (await owner.selectFrom('auditEntry').select('leafIndex').execute()).length
const run = (statement: string) => sql.raw(statement).execute(owner)

let early: Pack
let middle: Pack
let notes: { treeSize: number; root: Uint8Array<ArrayBuffer> }[]

beforeAll(async () => {
  url = await cloneDatabase()
  owner = connect(url, { max: 2, statementTimeoutMs: 0 })
  sealer = connect(url, { role: 'sallyport_sealer', max: 2, statementTimeoutMs: 0 })
  await sealer.insertInto('logState').values({ origin }).execute()
  await makeRoom(sealer, 2 ** 18)
  await tell(saidFirst)
  let made = saidFirst.length
  for (const end of signedAt) {
    const last = end === signedAt.at(-1) ? doneLast : []
    await happen(end - made - last.length, old)
    await tell(last)
    await settle()
    made = end
    if (end === 257) early = await carryAway()
    if (end === 65_537) middle = await carryAway()
  }
  await forget(people.erased, people.before)
  const rows = await owner.selectFrom('auditCheckpoint').select(['treeSize', 'root']).execute()
  notes = rows.map(({ treeSize, root }) => ({ treeSize, root: new Uint8Array(root) }))
})
afterAll(async () => {
  await Promise.all([owner.destroy(), sealer.destroy()])
  rmSync(dataDir, { recursive: true, force: true })
})

/** Every proof between trees that were signed, computed from what is left. */
async function expectConsistent(): Promise<void> {
  const read = nodesFromTiles(storedTiles(owner))
  for (const first of notes) {
    for (const second of notes.filter(({ treeSize }) => treeSize > first.treeSize)) {
      const [one, other] = [first.treeSize, second.treeSize]
      const proof = await consistencyProof(one, other, read)
      const holds = await verifyConsistency(one, other, first.root, second.root, proof)
      expect([one, other, holds]).toEqual([one, other, true])
    }
  }
}

test('nothing leaves that no pack of this record keeps whole from its first event on, or that is young', async () => {
  await happen(300, new Date())
  await settle()
  const all = await carryAway()
  const later = await carryAway(new Date(Date.now() - day))
  const cases: [KeptBy, string][] = [
    [{ ...all.kept, root: middle.kept.root }, 'not of this record'],
    [{ ...all.kept, treeSize: 7 }, 'not of this record'],
    [{ ...all.kept, end: 255 }, 'Nothing may go'],
    [later.kept, 'begins with event'],
  ]
  for (const [pack, says] of cases) {
    await expect(pruneRecord(owner, pack)).rejects.toThrow(says)
  }
  // What is young stays, though the pack has it too.
  const plan = await planPruning(owner, all.kept, new Date())
  expect(plan).toMatchObject({ first: 0, until: 65_792 })
  const soon = new Date(Date.now() - 2 * day)
  await expect(planPruning(owner, all.kept, soon)).rejects.toThrow('Nothing may go')
  expect(await left()).toBe(66_200)
})

test('no role of the server may remove an event, or say that it was', async () => {
  const app = connect(url, { role: 'sallyport_app', max: 1 })
  for (const role of [app, sealer]) {
    for (const statement of [
      'update log_state set min_index = 256',
      'delete from audit_entry where leaf_index = 0',
      "insert into record_pruned values (256, 0, now(), '', now(), gen_random_uuid())",
    ]) {
      await expect(sql.raw(statement).execute(role)).rejects.toThrow('permission denied')
    }
  }
  await app.destroy()
})

test.each([
  ['a tile', 256, () => early],
  ['a tile of tiles', 65_536, () => middle],
])('%s: what stays, and what was carried away, verifies as before', async (_, until, pack) => {
  const before = await left()
  const first = (await owner.selectFrom('logState').select('minIndex').executeTakeFirst())?.minIndex
  const { kept } = pack()
  expect(await pruneRecord(owner, kept)).toMatchObject({ first, until })
  expect(await left()).toBe(before - (until - (first ?? 0)))
  // Before the event that says so has its place, and after.
  for (let turn = 0; turn < 2; turn++) {
    const { pruned, fault } = await check()
    expect([pruned, fault]).toEqual([until, undefined])
    await settle()
  }
  await expectConsistent()
  for (const { blob } of [early, middle]) await verified(blob)
  const rest = await carryAway()
  expect(rest.kept.start).toBe(until)
  await expect(pruneRecord(owner, kept)).rejects.toThrow('Nothing may go')
})

test.each([
  [
    'the hash of one that has left is altered',
    `update audit_tile set hashes = overlay(hashes placing '\\xff' from 100) where level = 0 and index = 3`,
    'the stored tree above',
  ],
  [
    'its tile is removed',
    'delete from audit_tile where level = 0 and index = 9',
    'the stored hash of event 2304 was removed',
  ],
  [
    'more have left than was said',
    'delete from audit_entry where leaf_index < 65792; update log_state set min_index = 65792',
    'events up to 65791 were removed, and no event says so',
  ],
  [
    'one is put back',
    `update audit_entry set leaf_index = 65000 where leaf_index = 65800`,
    'event 65000',
  ],
  [
    'somebody is hidden of whom no event says so, neither one that stays nor one that left',
    `update audit_entry set actor_name = '${erased}', beside = null where actor_id = 'tom'`,
    'of people was removed, and no event says so',
  ],
])('negative control: %s', async (_, statements, says) => {
  const { minIndex } = await owner
    .selectFrom('logState')
    .select('minIndex')
    .executeTakeFirstOrThrow()
  const tables = ['audit_tile', 'audit_entry']
  for (const name of tables) {
    await run(`create table saved_${name} as select * from ${name}`)
  }
  for (const statement of statements.split('; ')) await run(statement)
  expect((await check()).fault).toContain(says)
  for (const name of tables) {
    await run(`delete from ${name}`)
    await run(`insert into ${name} select * from saved_${name}`)
    await run(`drop table saved_${name}`)
  }
  await owner.updateTable('logState').set({ minIndex }).execute()
  expect((await check()).fault).toBeUndefined()
})

test('the operator sees what may go, and removes it with the word that says so', async () => {
  await settle()
  const { blob } = await carryAway()
  const file = join(dataDir, 'pack.zip')
  writeFileSync(file, Buffer.from(await blob.arrayBuffer()))
  const env = { ...process.env, DATABASE_URL: url, SALLYPORT_LEDGER_KEY: pinnedKey }
  const prune = (...given: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/prune.ts', ...given], {
      encoding: 'utf8',
      env: { ...env, SALLYPORT_DATA: dataDir },
    })
    return { status, told: stdout + stderr }
  }
  const before = await left()
  expect(prune()).toMatchObject({ status: 1, told: expect.stringContaining('Name an evidence') })
  expect(prune(file)).toMatchObject({
    status: 0,
    told: expect.stringContaining('Could go events 65536 to 65791'),
  })
  expect(await left()).toBe(before)
  const altered = Buffer.from(await blob.arrayBuffer())
  altered.write('failed   ', altered.indexOf('"permitted"', 20_000) + 1)
  writeFileSync(join(dataDir, 'altered.zip'), altered)
  expect(prune(join(dataDir, 'altered.zip'), '--remove')).toMatchObject({
    status: 1,
    told: expect.stringMatching(/event \d+ was altered/),
  })
  expect(prune(file, '--remove')).toMatchObject({
    status: 0,
    told: expect.stringMatching(/^Removed {2}events 65536 to 65791.*SHA-256 [0-9a-f]{64}/),
  })
  expect(await left()).toBe(before - 256)
  expect((await check()).fault).toBeUndefined()
})
