import type { KyselyPlugin } from 'kysely'
import { DatabaseError } from 'pg'
import type { Database, Db } from './connect.ts'
import { together, type Statement } from './statement.ts'
import { inTransaction, NotCommitted, type Transaction } from './transaction.ts'

type Work<T> = (db: Db, transaction: Transaction) => Promise<T>

/** Carries out a work as `inTransaction` does, in one transaction with whatever else waits for one. */
export type Convoy = <T>(work: Work<T>) => Promise<T>

interface Passenger {
  readonly work: Work<unknown>
  readonly done: (result: unknown) => void
  readonly failed: (error: unknown) => void
}

/** Transactions under way at once: while one waits for the disk, the next is worked for. */
const lanes = 2
/** Most works in one transaction, so that none waits long for its neighbours. */
const seats = 64

/** A work that does not share its transaction (`Transaction.alone`). */
class Alone extends Error {}
/** Somebody failed who had written already: nothing of anybody may stay. */
class Harmed extends Error {}

/**
 * Group commit: works that come while others are under way wait for these, and then travel together. Rows of one text are
 * sent as one statement, and the disk is waited for once. For each work it is as if it had a transaction of its own: that
 * begins after the work was handed in, so that whatever was committed before is seen; and one that throws leaves nothing
 * and harms nobody. Where neighbours would be harmed (one threw that had written, or the database refused something) all
 * is rolled back and each begins anew in a transaction of its own: a work may run twice, and has no effect but by its
 * transaction and its result. Where nobody knows what became of a commit, nothing is done again.
 */
export function createConvoy(database: Database): Convoy {
  const waiting: Passenger[] = []
  let under = 0
  let called = false
  // Not before everybody has come who is at the door already: they would wait for the next.
  const call = () => {
    if (called) return
    called = true
    setImmediate(() => {
      called = false
      go()
    })
  }
  const go = () => {
    while (under < lanes && waiting.length > 0) {
      under += 1
      void travel(database, waiting.splice(0, seats)).finally(() => {
        under -= 1
        call()
      })
    }
  }
  return <T>(work: Work<T>) =>
    new Promise<T>((done, failed) => {
      waiting.push({ work, done: done as Passenger['done'], failed })
      call()
    })
}

async function travel(database: Database, passengers: readonly Passenger[]): Promise<void> {
  // Nobody waits for whoever goes on alone: it may have to wait for others, and the lane is free.
  const alone = async ({ work, done, failed }: Passenger) => {
    try {
      done(await inTransaction(database, { readOnly: false, gate: true }, work))
    } catch (error) {
      failed(error)
    }
  }
  try {
    const arrived = await inTransaction(
      database,
      { readOnly: false, gate: true },
      (_, transaction) => carry(transaction, passengers),
    )
    for (const { passenger, result } of arrived) {
      if (result.status === 'fulfilled') passenger.done(result.value)
      else if (result.reason instanceof Alone) void alone(passenger)
      else passenger.failed(result.reason)
    }
  } catch (error) {
    for (const passenger of passengers) {
      if (rolledBack(error)) void alone(passenger)
      else passenger.failed(error)
    }
  }
}

/** Whether it is certain that nothing was committed, though the database can be asked. */
const rolledBack = (error: unknown) =>
  error instanceof Harmed || error instanceof NotCommitted || isRefusal(error)

/** What the database itself refused, and went on listening. */
const isRefusal = (error: unknown) =>
  error instanceof DatabaseError && error.severity !== 'FATAL' && error.severity !== 'PANIC'

/** Runs the works of one transaction, and leaves for its commit what those have left that did not throw. */
async function carry(transaction: Transaction, passengers: readonly Passenger[]) {
  const ask = asOne(transaction)
  const arrived = await Promise.all(
    passengers.map(async (passenger) => {
      let wrote = false
      const left: ((to: Transaction) => void)[] = []
      const noted = <T>(answer: T, rows: readonly unknown[]): T => {
        wrote ||= rows.length > 0
        return answer
      }
      const noting: KyselyPlugin = {
        transformQuery: ({ node }) => node,
        transformResult: async ({ result }) => noted(result, [result]),
      }
      const own: Transaction = {
        ...transaction,
        db: transaction.db.withPlugin(noting),
        planned: transaction.planned.withPlugin(noting),
        // What answers nothing has found nothing to change.
        ask: async <Row>(...rows: readonly [Statement, ...Statement[]]) => {
          const answer = await ask<Row>(rows)
          return noted(answer, rows[0].rows ? answer : rows)
        },
        last: (statement) => left.push(({ last }) => last(statement)),
        after: (committed) => left.push(({ after }) => after(committed)),
        alone() {
          throw new Alone()
        },
      }
      const [result] = await Promise.allSettled([passenger.work(own.db, own)])
      return { passenger, result, left, wrote: () => wrote }
    }),
  )
  for (const { result, left, wrote } of arrived) {
    if (result.status === 'fulfilled') for (const leave of left) leave(transaction)
    else if (isRefusal(result.reason)) throw result.reason
    else if (wrote()) throw new Harmed()
  }
  return arrived
}

interface Question {
  readonly rows: readonly [Statement, ...Statement[]]
  readonly answered: (rows: Numbered[]) => void
  readonly failed: (error: unknown) => void
}
type Numbered = { nth: number }

/** Asks what all works ask until each of them waits: rows of one text as one statement, each told its own answers alone. */
function asOne({ ask }: Transaction) {
  let asked: Question[] = []
  const send = () => {
    const questions = asked
    asked = []
    for (const alike of together(questions, ({ rows: [first] }) => first)) {
      const [first, ...others] = alike.flatMap(({ rows }) => rows) as [Statement, ...Statement[]]
      ask<Numbered>(first, ...others).then(
        (answers) => tell(alike, answers),
        (error: unknown) => alike.forEach(({ failed }) => failed(error)),
      )
    }
  }
  return <Row>(rows: Question['rows']) =>
    new Promise<Row[]>((resolve, failed) => {
      // Once everything that can go on without the database has done so.
      if (asked.length === 0) process.nextTick(send)
      asked.push({ rows, answered: resolve as unknown as Question['answered'], failed })
    })
}

/** To each the answers to its own rows, counted from its own first. */
function tell(alike: readonly Question[], answers: readonly Numbered[]): void {
  const [only, another] = alike
  if (only && !another) return only.answered([...answers])
  const byNth = Map.groupBy(answers, ({ nth }) => nth)
  let before = 0
  for (const { rows, answered } of alike) {
    const own = rows.flatMap((_, at) => byNth.get(before + at + 1) ?? [])
    for (const row of own) row.nth -= before
    answered(own)
    before += rows.length
  }
}
