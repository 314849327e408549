import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { cloneDatabase, emptyDatabase } from '../testing/test-database.ts'
import { connect } from './connect.ts'
import { migrate } from './migrate.ts'
import { newId } from './new-id.ts'
import { inTransaction } from './transaction.ts'

function folderWith(files: Record<string, string>): URL {
  const folder = mkdtempSync(join(tmpdir(), 'migrations-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return pathToFileURL(`${folder}/`)
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

const two = () =>
  folderWith({
    '0001_first.sql': 'create table first (id int)',
    '0002_second.sql': 'create table second (id int); insert into second values (1)',
  })

test('two servers that start at once migrate once', async () => {
  const url = await emptyDatabase()
  const from = two()
  const counts = await Promise.all([1, 2, 3].map(() => migrate(url, () => {}, from)))
  expect(counts.toSorted((one, other) => one - other)).toEqual([0, 0, 2])
  expect(await query(url, 'select id from second')).toEqual([{ id: 1 }])
})

test('a migration that fails leaves nothing of itself, and the earlier ones stay', async () => {
  const url = await emptyDatabase()
  const broken = folderWith({
    '0001_first.sql': 'create table first (id int)',
    '0002_broken.sql': 'create table half (id int); select 1/0',
  })
  await expect(migrate(url, () => {}, broken)).rejects.toThrow('migration 0002_broken: division')
  expect(await query(url, 'select number from schema_version')).toEqual([{ number: 1 }])
  expect(await query(url, "select to_regclass('half') as half")).toEqual([{ half: null }])
})

test('a database that a newer version migrated is refused with a sentence', async () => {
  const url = await emptyDatabase()
  await migrate(url, () => {}, two())
  const older = folderWith({ '0001_first.sql': 'create table first (id int)' })
  await expect(migrate(url, () => {}, older)).rejects.toThrow(
    /newer version \(0002_second\).*restore a backup/,
  )
})

test('two migrations of one number are refused', async () => {
  const url = await emptyDatabase()
  const twins = folderWith({ '0001_a.sql': 'select 1', '0001_b.sql': 'select 1' })
  await expect(migrate(url, () => {}, twins)).rejects.toThrow('the same number')
})

test('the application role cannot alter the ledger, and a read-only transaction cannot write', async () => {
  const db = connect(await cloneDatabase(), { role: 'sallyport_app', max: 2 })
  const event = { eventId: newId(), occurredAt: new Date(), leaf: Buffer.from('{}') }
  await inTransaction(db, { readOnly: false }, (open) =>
    open.insertInto('auditQueue').values(event).execute(),
  )
  await expect(
    db
      .updateTable('auditQueue')
      .set({ leaf: Buffer.from('[]') })
      .execute(),
  )
    .rejects // nobody rewrites
    .toThrow('permission denied')
  await expect(db.deleteFrom('auditEntry').execute()).rejects.toThrow('permission denied')
  await expect(
    inTransaction(db, { readOnly: true }, (open) =>
      open
        .insertInto('auditQueue')
        .values({ ...event, eventId: newId() })
        .execute(),
    ),
  ).rejects.toThrow('read-only transaction')
  await db.destroy()
})

test('ids sort by creation, also within one millisecond', () => {
  const ids = Array.from({ length: 500 }, () => newId())
  expect(new Set(ids.map((id) => id.slice(0, 13))).size, 'milliseconds').toBeLessThan(500)
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(500)
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
