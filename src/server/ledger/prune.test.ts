import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodeHash, rootOf } from '../../proof/merkle.ts'
import { nodesFromTiles } from '../../proof/tiles.ts'
import { connect, type Database } from '../db/connect.ts'
import { openRecord, type BareRecord, type Pack } from '../testing/record.ts'
import { emitAll, type AuditEvent } from './emit.ts'
import { erased, eraseAction } from './personal.ts'
import { keptDays, planPruning, pruneAction, pruneRecord, type KeptBy } from './prune.ts'
import { makeRoom, storedTiles } from './sealer.ts'
import { verifyRecord } from './verify.ts'

/* P12: whatever has left the record, each proof of what is left holds, and everything carried away before verifies. */

/** Where checkpoints were signed: one off and on the sides of a tile, and of more tiles. */
const signedAt = [5, 255, 256, 257, 2_559, 2_560, 2_561, 2_900]
const day = 86_400_000
const old = new Date(Date.now() - (keptDays + 1) * day)

let record: BareRecord
let owner: Database

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

const check = () => verifyRecord(owner, { pinnedKey: record.pinnedKey })
const run = (statement: string) => sql.raw(statement).execute(owner)

let early: Pack
let middle: Pack
let notes: Awaited<ReturnType<BareRecord['signed']>>

beforeAll(async () => {
  record = await openRecord('audit.example.com/pruned')
  ;({ owner } = record)
  const { happen, settle, carryAway, signed } = record
  await tell(saidFirst)
  let made = saidFirst.length
  for (const end of signedAt) {
    const last = end === signedAt.at(-1) ? doneLast : []
    await happen(end - made - last.length, old)
    await tell(last)
    await settle()
    made = end
    if (end === 257) early = await carryAway()
    if (end === 2_561) middle = await carryAway()
  }
  await forget(people.erased, people.before)
  notes = await signed()
})
afterAll(async () => record.close())

test('nothing leaves that no pack of this record keeps whole from its first event on, or that is young', async () => {
  const { happen, settle, carryAway, left } = record
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
  expect(plan).toMatchObject({ first: 0, until: 2_816 })
  const soon = new Date(Date.now() - 2 * day)
  await expect(planPruning(owner, all.kept, soon)).rejects.toThrow('Nothing may go')
  expect(await left()).toBe(3_200)
})

test('no role of the server may remove an event, or say that it was', async () => {
  const { url, sealer } = record
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
  ['tiles', 2_560, () => middle],
])('%s: what stays, and what was carried away, verifies as before', async (_, until, pack) => {
  const { left, settle, expectConsistent, verified, carryAway } = record
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
  await expectConsistent(notes)
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
    'delete from audit_entry where leaf_index < 2816; update log_state set min_index = 2816',
    'events up to 2815 were removed, and no event says so',
  ],
  [
    'one is put back',
    `update audit_entry set leaf_index = 1000 where leaf_index = 2820`,
    'event 1000',
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
  const { url, pinnedKey, dataDir, settle, carryAway, left } = record
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
    told: expect.stringContaining('Could go events 2560 to 2815'),
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
    told: expect.stringMatching(/^Removed {2}events 2560 to 2815.*SHA-256 [0-9a-f]{64}/),
  })
  expect(await left()).toBe(before - 256)
  expect((await check()).fault).toBeUndefined()
})

/** A record of which all but the last two tiles before `edge` leaves have left already, and were one like the other. */
async function almostFull(edge: number, { leaves }: { leaves: boolean }): Promise<BareRecord> {
  const full = await openRecord('audit.example.com/full')
  const size = edge - 512
  let node = new Uint8Array(32).fill(7)
  const tile = (level: number, index: number, nodes: number) => ({
    level,
    index,
    hashes: Buffer.concat(Array.from({ length: nodes }, () => node)),
  })
  const tiles = leaves ? Array.from({ length: size / 256 }, (_, index) => tile(0, index, 256)) : []
  // Of what is full above them, proofs are made of the nodes on the edge.
  for (const level of [1, 2]) {
    for (let step = 0; step < 8; step++) node = await nodeHash(node, node)
    const nodes = Math.floor(size / 256 ** level)
    if (nodes > 0) tiles.push(tile(level, Math.floor(nodes / 256), nodes % 256))
  }
  await full.owner.insertInto('auditTile').values(tiles).execute()
  await full.owner.updateTable('logState').set({ treeSize: size, minIndex: size }).execute()
  await makeRoom(full.sealer, 1_024)
  return full
}

test.each([
  ['2^16, where a tile of tiles is full', 2 ** 16, true, 'the stored tree above'],
  ['2^24, where the record goes on in another partition', 2 ** 24, false, ''],
])('at %s: what stays, and what was carried away, verifies as before', async (...given) => {
  const [, edge, leaves, altered] = given
  const full = await almostFull(edge, { leaves })
  /** What is wrong with the record, which is known where the hashes of all its leaves are there. */
  const fault = async () => {
    const { pinnedKey, owner: db } = full
    return leaves ? (await verifyRecord(db, { pinnedKey })).fault : undefined
  }
  // Trees of the beginning, of which what has left were the leaves.
  const read = nodesFromTiles(storedTiles(full.owner))
  const first = await Promise.all(
    (leaves ? [5, 255, 256, 257] : []).map(async (treeSize) => ({
      treeSize,
      root: await rootOf(treeSize, read),
    })),
  )
  const packs: Pack[] = []
  let made = edge - 512
  for (const end of [edge - 1, edge, edge + 1, edge + 300]) {
    await full.happen(end - made, old)
    await full.settle()
    packs.push(await full.carryAway())
    made = end
  }
  const signed = await full.signed()
  const [, , across] = packs
  if (!across) throw new Error('nothing was carried away')
  expect(await pruneRecord(full.owner, across.kept)).toMatchObject({
    first: edge - 512,
    until: edge,
  })
  expect(await full.left()).toBe(300)
  await full.settle()
  const rest = await full.carryAway()
  expect(rest.kept).toMatchObject({ start: edge, end: edge + 301 })
  await full.expectConsistent([...first, ...signed, ...(await full.signed()).slice(-1)])
  for (const { blob } of packs) await full.verified(blob)
  expect(await fault()).toBeUndefined()
  // The control: with one node on the edge altered, it is another tree.
  await sql`update audit_tile set hashes = overlay(hashes placing '\\xff' from 4000) where level = 1`.execute(
    full.owner,
  )
  await expect(full.expectConsistent(signed)).rejects.toThrow('to deeply equal')
  expect((await fault()) ?? '').toContain(altered)
  await full.close()
})
