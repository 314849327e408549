import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connect, type Database } from '../db/connect.ts'
import { inTransaction } from '../db/transaction.ts'
import { cloneDatabase } from '../testing/test-database.ts'
import { emit } from './emit.ts'
import { openLedger } from './ledger.ts'
import { makeRoom, seal } from './sealer.ts'
import { signingKeyFrom } from './signing-key.ts'

const origin = 'audit.example.com/room'
const partition = 2 ** 24

let owner: Database
let app: Database
let sealer: Database
let dataDir: string
beforeEach(async () => {
  const url = await cloneDatabase()
  owner = connect(url, { max: 2 })
  app = connect(url, { role: 'sallyport_app', max: 2 })
  sealer = connect(url, { role: 'sallyport_sealer', max: 3 })
  dataDir = mkdtempSync(join(tmpdir(), 'sallyport-room-'))
})
afterEach(async () => {
  await Promise.all([owner.destroy(), app.destroy(), sealer.destroy()])
  rmSync(dataDir, { recursive: true, force: true })
})

/** A log as it is when `size` events are in it, as far as the sealer looks: its right edge, of made-up hashes. */
async function grownTo(size: number): Promise<void> {
  await sealer.insertInto('logState').values({ origin }).execute()
  await owner.updateTable('logState').set({ treeSize: size }).execute()
  for (let level = 0, nodes = size; nodes > 0; level++, nodes = Math.floor(nodes / 256)) {
    const hashes = Buffer.alloc((nodes % 256) * 32, level + 1)
    const index = Math.floor(nodes / 256)
    if (hashes.length > 0)
      await owner.insertInto('auditTile').values({ level, index, hashes }).execute()
  }
}

async function write(count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    await inTransaction(app, { readOnly: false }, async (_, transaction) =>
      emit(transaction, {
        actor: { kind: 'person', id: 'p1', name: 'Ada' },
        action: 'contexts.create',
        outcome: 'permitted',
      }),
    )
  }
}

const places = async () => {
  const { rows } = await sql<{ leaf: number; table: string }>`
    select leaf_index as leaf, tableoid::regclass::text as table from audit_entry order by 1`.execute(
    owner,
  )
  return rows
}

test('events go on behind the last leaf of a partition, in the next one', async () => {
  await grownTo(partition - 3)
  const ledger = await openLedger({
    db: sealer,
    key: signingKeyFrom(Buffer.alloc(32, 3)),
    origin,
    dataDir,
    onError: () => {},
  })
  await write(5)
  expect(await ledger.settle()).toBe(partition + 2)
  await ledger.stop()
  expect(await places()).toEqual(
    [-3, -2, -1, 0, 1].map((at) => ({
      leaf: partition + at,
      table: at < 0 ? 'audit_entry_0' : 'audit_entry_1',
    })),
  )
  // The new partition is indexed like the others, and no table that somebody forgot.
  const { rows } = await sql<{ name: string; indexes: number; known: boolean }>`
    select c.relname as name, count(x.indexrelid) as indexes,
      c.relname in (select table_name from audit_exemption) as known
    from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_index x on x.indrelid = c.oid and x.indisvalid
    where i.inhparent = 'audit_entry'::regclass group by 1 order by 1`.execute(owner)
  expect(rows).toEqual([
    { name: 'audit_entry_0', indexes: rows[0]?.indexes, known: true },
    { name: 'audit_entry_1', indexes: rows[0]?.indexes, known: true },
  ])
})

test('the control: where nobody made room, the batch that needs it is refused and stays in the queue', async () => {
  await grownTo(partition - 3)
  await write(5)
  await expect(seal(sealer)).rejects.toMatchObject({ code: '23514' })
  expect(await places()).toEqual([])
  expect(await makeRoom(sealer, 5)).toBe(2 * partition)
  expect(await seal(sealer)).toEqual({ sealed: 5, size: partition + 2 })
})

test('room is made ahead of need, once, by as many servers as may ask at once', async () => {
  await grownTo(partition - 2 ** 20 - 1)
  expect(await makeRoom(sealer, 2 ** 20)).toBe(partition)
  expect(await Promise.all([1, 2, 3].map(() => makeRoom(sealer, 2 ** 20 + 1)))).toEqual(
    [1, 2, 3].map(() => 2 * partition),
  )
})

test('the sealer itself may change no table, and the application may not even make room', async () => {
  await grownTo(1)
  for (const statement of [
    sql`create table audit_entry_9 (like audit_entry)`,
    sql`alter table audit_entry detach partition audit_entry_0`,
  ]) {
    await expect(statement.execute(sealer)).rejects.toMatchObject({ code: '42501' })
  }
  await expect(makeRoom(app, 1)).rejects.toMatchObject({ code: '42501' })
})
