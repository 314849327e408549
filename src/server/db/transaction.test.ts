import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cloneDatabase } from '../testing/test-database.ts'
import { connect, type Database } from './connect.ts'
import { each, eachOr, statement } from './statement.ts'
import { inTransaction } from './transaction.ts'

let db: Database
beforeAll(async () => {
  db = connect(await cloneDatabase(), { max: 2 })
  await sql`create table jot (id int primary key)`.execute(db)
})
afterAll(() => db.destroy())

const jot = (id: number) => sql`insert into jot values (${id})`
const jots = async () => {
  const { rows } = await sql<{ id: number }>`select id from jot order by id`.execute(db)
  return rows.map(({ id }) => id)
}

test('what is left for the end is written after the rest and with it, or nothing is', async () => {
  await inTransaction(db, { readOnly: false }, async (open, { last }) => {
    last(sql`insert into jot select id + 1 from jot where id = 10`.compile(open))
    await jot(10).execute(open)
  })
  expect(await jots()).toEqual([10, 11])
  const twice = inTransaction(db, { readOnly: false }, async (open, { last }) => {
    await jot(20).execute(open)
    last(jot(21).compile(open))
    last(jot(10).compile(open))
    last(jot(22).compile(open))
  })
  await expect(twice).rejects.toMatchObject({ code: '23505' })
  expect(await jots()).toEqual([10, 11])
})

test('a swallowed error is no success: the database did not commit', async () => {
  const swallowed = inTransaction(db, { readOnly: false }, async (open) => {
    await jot(30).execute(open)
    await jot(10)
      .execute(open)
      .catch(() => {})
  })
  await expect(swallowed).rejects.toThrow('nothing was committed')
  expect(await jots()).not.toContain(30)
})

test('a read-only transaction cannot write, and the connection is as new after every failure', async () => {
  for (let at = 0; at < 5; at++) {
    const write = inTransaction(db, { readOnly: true }, (open) => jot(40).execute(open))
    await expect(write).rejects.toMatchObject({ code: '25006' })
  }
  const { now } = await inTransaction(db, { readOnly: true }, async (_, { now: at }) => ({
    now: at,
  }))
  expect(now).toBeInstanceOf(Date)
})

test('what was used for transactions alone ends with its connections, and once', async () => {
  const once = connect(await cloneDatabase())
  await inTransaction(once, { readOnly: true }, async (tx) => tx.selectFrom('person').execute())
  expect(once.pool.totalCount).toBe(1)
  await once.destroy()
  expect(once.pool.totalCount).toBe(0)
  await once.destroy()
})

test('a connection that is cut inside of a transaction ends that one only', async () => {
  const cut = inTransaction(db, { readOnly: false }, async (open) => {
    await jot(50).execute(open)
    await sql`select pg_terminate_backend(pg_backend_pid())`.execute(open)
  })
  await expect(cut).rejects.toMatchObject({ code: '57P01' })
  await inTransaction(db, { readOnly: false }, (open) => jot(51).execute(open))
  expect(await jots()).toEqual([10, 11, 51])
})

test('what goes into the text of a commit stays a value, whatever it holds', async () => {
  await sql`create table said (id int primary key, at timestamptz, words text, bytes bytea)`.execute(
    db,
  )
  const at = new Date('2026-02-28T23:59:59.123Z')
  const hostile = [
    "it's",
    "\\'; commit; drop table said; --",
    'E\\047 $1 $$ \\x00',
    '',
    '‮"\n\u0001',
    "''); rollback; select ('",
  ]
  const leave = (id: number, words: string | null) =>
    inTransaction(db, { readOnly: false }, async (_, { last }) => {
      const bytes = Buffer.from([0, 39, 92, 255])
      last(
        eachOr(
          each`insert into said select * from unnest(${id}::int[], ${at}::timestamptz[], ${words}::text[], ${bytes}::bytea[])`,
          statement`insert into said values (${id}, ${at}, ${words}, ${bytes})`,
        ),
      )
    })
  // Of the first on each connection the statement is prepared; all others go with the commit.
  for (const [id, words] of [...hostile, ...hostile, null].entries()) await leave(id, words)
  const { rows } = await sql<{
    at: Date
    words: string | null
    bytes: Buffer
  }>`select at, words, bytes from said order by id`.execute(db)
  expect(rows.map(({ words }) => words)).toEqual([...hostile, ...hostile, null])
  for (const row of rows) expect(row).toMatchObject({ at, bytes: Buffer.from([0, 39, 92, 255]) })
  await expect(leave(0, 'twice')).rejects.toMatchObject({ code: '23505' })
  const doomed = inTransaction(db, { readOnly: false }, async (open, { last }) => {
    last(eachOr(each`select ${1}`, statement`insert into said (id) values (${90})`))
    await jot(10)
      .execute(open)
      .catch(() => {})
  })
  await expect(doomed).rejects.toMatchObject({ code: '25P02' })
  expect((await sql`select from said where id = 90`.execute(db)).rows).toHaveLength(0)
})
