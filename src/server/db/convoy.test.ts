import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cloneDatabase } from '../testing/test-database.ts'
import { connect, type Database } from './connect.ts'
import { createConvoy, type Convoy } from './convoy.ts'
import { newId } from './new-id.ts'
import { each } from './statement.ts'
import type { Transaction } from './transaction.ts'

let db: Database
let convoy: Convoy
beforeAll(async () => {
  db = connect(await cloneDatabase(), { max: 8 })
  await sql`create table jot (id int primary key, mark uuid)`.execute(db)
  convoy = createConvoy(db)
})
afterAll(() => db.destroy())

/** Writes when asked; answers what was written, and in which transaction. */
const write = ({ ask }: Transaction, ...ids: readonly [number, ...number[]]) => {
  const [first, ...others] = ids.map(
    (id) => each`
      with given as (
        select * from unnest(${id}::int[], ${newId()}::uuid[]) with ordinality as given(id, mark, nth)),
      made as (insert into jot (id, mark) select id, mark from given on conflict do nothing returning mark)
      select nth, id, pg_current_xact_id()::text as xid from made join given using (mark)`,
  )
  if (!first) throw new Error('nothing to write')
  return ask<{ nth: number; id: number; xid: string }>(first, ...others)
}
const leave = ({ last }: Transaction, id: number) =>
  last(each`insert into jot (id) select * from unnest(${id}::int[])`)
const jots = async (from: number, to: number) => {
  const { rows } = await sql<{ id: number }>`
    select id from jot where id between ${from} and ${to} order by id`.execute(db)
  return rows.map(({ id }) => id)
}
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at)

describe('works that come together travel together', () => {
  test('each is told its own rows, whoever its neighbours are', async () => {
    const told = await Promise.all(
      upTo(100).map((at) =>
        convoy(async (_, transaction) => {
          const first = await write(transaction, 100 + at)
          const more = await write(transaction, 1_000 + at, 2_000 + at, 3_000 + at)
          leave(transaction, 4_000 + at)
          return { first, more }
        }),
      ),
    )
    told.forEach(({ first, more }, at) => {
      expect(first).toMatchObject([{ nth: 1, id: 100 + at }])
      expect(more.map(({ nth, id }) => [nth, id])).toEqual([
        [1, 1_000 + at],
        [2, 2_000 + at],
        [3, 3_000 + at],
      ])
    })
    expect(await jots(4_000, 4_999)).toHaveLength(100)
    const transactions = new Set(told.map(({ first: [row] }) => row?.xid))
    expect(transactions.size).toBeLessThan(10)
  })

  test('of those who want the same one gets it, and the others are told nothing', async () => {
    const told = await Promise.all(
      upTo(30).map(() => convoy((_, transaction) => write(transaction, 5_000))),
    )
    expect(told.filter(({ length }) => length === 1)).toHaveLength(1)
    expect(told.flat()).toHaveLength(1)
  })

  test('what was committed before a work came is seen by it, also while others are under way', async () => {
    for (let round = 0; round < 20; round++) {
      const others = upTo(5).map((at) =>
        convoy((_, transaction) => write(transaction, 6_000 + round * 10 + at)),
      )
      await sql`insert into jot (id) values (${7_000 + round})`.execute(db)
      const seen = convoy((own) => sql`select from jot where id = ${7_000 + round}`.execute(own))
      expect((await seen).rows).toHaveLength(1)
      await Promise.all(others)
    }
  })
})

describe('nobody harms a neighbour', () => {
  /** Of ten, the one in the middle does it its own way. */
  const among = (from: number, odd: (transaction: Transaction) => Promise<unknown>) => {
    const runs = upTo(10).map(() => 0)
    const outcomes = Promise.allSettled(
      upTo(10).map((at) =>
        convoy(async (_, transaction) => {
          runs[at] = (runs[at] ?? 0) + 1
          if (at === 5) return odd(transaction)
          const [row] = await write(transaction, from + at)
          leave(transaction, from + 100 + at)
          return row?.xid
        }),
      ),
    )
    return outcomes.then((all) => ({ all, runs }))
  }
  const others = [0, 1, 2, 3, 4, 6, 7, 8, 9]

  test('one that throws and has written nothing leaves alone, the others go on as they are', async () => {
    const { all, runs } = await among(10_000, async (transaction) => {
      leave(transaction, 10_005)
      await write(transaction, 5_000)
      throw new Error('not permitted')
    })
    expect(all[5]).toMatchObject({ status: 'rejected', reason: { message: 'not permitted' } })
    expect(await jots(10_000, 10_099)).toEqual(others.map((at) => 10_000 + at))
    expect(await jots(10_100, 10_199)).toEqual(others.map((at) => 10_100 + at))
    expect(runs).toEqual(upTo(10).map(() => 1))
  })

  test('nothing stays of one that throws when it has written, by a statement or by a query', async () => {
    const ways = [
      (transaction: Transaction) => write(transaction, 11_005),
      ({ db: own }: Transaction) => sql`insert into jot (id) values (11005)`.execute(own),
    ]
    for (const [at, way] of ways.entries()) {
      const from = 11_000 + at * 1_000
      const { all } = await among(from, async (transaction) => {
        await way(transaction)
        throw new Error('not permitted')
      })
      expect(all[5]).toMatchObject({ status: 'rejected', reason: { message: 'not permitted' } })
      expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(9)
      expect(await jots(from, from + 99)).toEqual(others.map((each) => from + each))
      expect(await jots(from + 100, from + 199)).toHaveLength(9)
    }
  })

  test('what the database refuses is refused to one alone, when it is asked and with the commit', async () => {
    const ways = [
      ({ db: own }: Transaction) => sql`insert into jot (id) values (5000)`.execute(own),
      async (transaction: Transaction) => leave(transaction, 5_000),
    ]
    for (const [at, way] of ways.entries()) {
      const from = 20_000 + at * 1_000
      const { all } = await among(from, way)
      expect(all[5]).toMatchObject({ status: 'rejected', reason: { code: '23505' } })
      expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(9)
      expect(await jots(from, from + 199)).toHaveLength(18)
    }
  })

  test('who wants a transaction to itself has one, and nobody waits for it', async () => {
    const { all } = await among(30_000, async (transaction) => {
      transaction.alone()
      const [row] = await write(transaction, 30_005)
      return row?.xid
    })
    const [own, ...shared] = [all[5], ...others.map((at) => all[at])].map((one) =>
      one?.status === 'fulfilled' ? one.value : one?.reason,
    )
    expect(shared).not.toContain(own)
    expect(await jots(30_000, 30_099)).toEqual(upTo(10).map((at) => 30_000 + at))
  })

  test('nothing is done again when nobody knows what became of it', async () => {
    const { all, runs } = await among(40_000, ({ db: own }) =>
      sql`select pg_terminate_backend(pg_backend_pid())`.execute(own),
    )
    // Whoever travelled with it has failed, and has run once.
    expect(all[5]?.status).toBe('rejected')
    expect(runs).toEqual(upTo(10).map(() => 1))
    const done = all.flatMap(({ status }, at) => (status === 'fulfilled' ? 40_000 + at : []))
    expect(await jots(40_000, 40_099)).toEqual(done)
  })
})
