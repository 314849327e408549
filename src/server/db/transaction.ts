import type { Writable } from 'node:stream'
import { DatabaseError, escapeLiteral, type PoolClient, type QueryResult } from 'pg'
import { isSilence, onConnection, type Database, type Db } from './connect.ts'
import { prepared, statement, together, type Statement } from './statement.ts'

/** What is kept in memory holds for as long as its epoch is this one. */
interface Epochs {
  readonly policies: string
  /** Of everything else by which runs are decided about; told to whoever began for that (`TransactionOptions.gate`). */
  readonly gate?: string
}

/** What is nearly always right, and otherwise refused with this SQLSTATE of ours: then what stands for it is made. */
interface Hoped {
  readonly hoped: Statement
  readonly otherwise: () => Promise<Statement>
}
const dashed = 'ZT004'

/** What is left for the end of a transaction, or makes it then. */
type Left = Statement | Hoped | (() => Promise<Statement>)

/** A transaction that is open. */
export interface Transaction {
  readonly db: Db
  /** The same, for what is asked again and again: each text is prepared once a connection (`preparing`). */
  readonly planned: Db
  /** That it has begun. What was asked before is carried out after it, and answered later. */
  readonly begun: Promise<unknown>
  /** The database's clock as it began: the only one that decides about expiry. Throws until it has begun. */
  readonly now: Date
  /** As it began: whatever was committed before is in them. Throws until it has begun. */
  readonly epochs: Epochs
  /**
   * Asks by a prepared statement, or by all rows of one (`each`). What is asked at once travels at once, and is carried out
   * in its order.
   */
  readonly ask: <Row>(...rows: readonly [Statement, ...Statement[]]) => Promise<Row[]>
  /**
   * Leaves a statement to be sent together with the commit, in one round trip, after all that was awaited; or what makes
   * one then, where something must be asked for it: what that leaves comes after all else. What is hoped to be right is
   * sent so too, and asked for only where it was not. When it fails, nothing is committed and the transaction throws its
   * error.
   */
  readonly last: (statement: Left) => void
  /** Is called once it is committed; after a failure it never is. */
  readonly after: (committed: () => void) => void
  /** What follows must not be shared with others: where it would be, the work ends here and begins anew by itself. */
  readonly alone: () => void
}

export interface TransactionOptions {
  readonly readOnly: boolean
  /** What the work asks first travels with the beginning, in one round trip: for whoever waits for its answer before `now`. */
  readonly eager?: true
  /** It decides about runs: tells the gate's epoch too, which costs every transaction more than it is worth to most. */
  readonly gate?: true
}

/**
 * Runs `work` in one READ COMMITTED transaction and commits, or rolls everything back when it throws. A read-only one
 * cannot write, whatever its handler tries. Throws when the database did not commit, also where `work` swallowed the
 * error because of which it could not.
 */
export async function inTransaction<T>(
  database: Database,
  { readOnly, eager, gate }: TransactionOptions,
  work: (db: Db, transaction: Transaction) => Promise<T>,
): Promise<T> {
  const client = await database.pool.connect()
  let broken: unknown
  try {
    const { begun, standing } = begin(client, readOnly, gate ? ofRuns : ofAll)
    if (!eager) await begun
    const { db, planned } = onConnection(client)
    const left: Left[] = []
    const committed: (() => void)[] = []
    const send = sender(client)
    const result = await work(db, {
      db,
      planned,
      begun,
      get now() {
        return standing().now
      },
      get epochs() {
        return standing().epochs
      },
      async ask<Row>(...rows: readonly [Statement, ...Statement[]]) {
        inOneWrite(client)
        return (await send(rows)).rows as Row[]
      },
      last: (statement) => left.push(statement),
      after: (each) => committed.push(each),
      alone() {},
    })
    await begun
    const hopes: Hoped[] = []
    const statements: Statement[] = []
    for (const each of left) {
      if (typeof each === 'function') statements.push(await each())
      else if ('hoped' in each) hopes.push(each)
      else statements.push(each)
    }
    if (!(await commitAsHoped(client, send, statements, hopes))) {
      for (const { otherwise } of hopes) statements.push(await otherwise())
      await commit(client, send, statements)
    }
    for (const each of committed) each()
    return result
  } catch (error) {
    // Where nothing is answered, a rollback would be waited for just as long; the server does it by itself.
    if (isSilence(error)) broken = error
    else {
      await client.query('rollback').catch((fault: unknown) => {
        broken = fault
      })
    }
    throw error
  } finally {
    // A connection that cannot roll back is not given to anybody else.
    client.release(broken !== undefined)
  }
}

/** One transaction after the other for as long as the work answers that there may be more: what is much is done in pieces. */
export async function untilDone(
  database: Database,
  work: (db: Db, transaction: Transaction) => Promise<boolean>,
): Promise<void> {
  while (await inTransaction(database, { readOnly: false }, work));
}

type Send = (rows: readonly [Statement, ...Statement[]]) => Promise<QueryResult>

/**
 * Sends prepared statements of one transaction, whose plans are made once a connection: for a short array PostgreSQL would
 * otherwise plan anew each time, which costs more than what is planned.
 */
function sender(client: PoolClient): Send {
  let kept: Promise<unknown> | undefined
  return async (rows) => {
    const [first, another] = rows
    // One row alone is told by no array.
    if (first.one && !another) return client.query(prepared(first))
    kept ??= client.query('set local plan_cache_mode = force_generic_plan')
    const [answer] = await Promise.all([client.query(prepared(...rows)), kept])
    return answer
  }
}

/** What is sent from here to the end of the tick is written to the socket at once: each write is a call of the system. */
function inOneWrite(client: PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection
  stream.cork()
  process.nextTick(() => stream.uncork())
}

const ofAll = statement`select clock_timestamp() as now, (select epoch from policy_epoch) as policies`
const ofRuns = statement`
  select clock_timestamp() as now, (select epoch from policy_epoch) as policies,
    (select bit_xor(epoch) from gate_epoch)::text as gate`

interface Begun {
  readonly now: Date
  readonly epochs: Epochs
}

interface Beginning {
  readonly begun: Promise<unknown>
  /** What was told; known before whatever is asked later is answered. */
  readonly standing: () => Begun
}

/** In one round trip: what time it is, and whether what is kept in memory still holds. */
function begin(client: PoolClient, readOnly: boolean, asked: Statement): Beginning {
  let known: Begun | undefined
  const text = readOnly ? 'begin read only' : 'begin'
  const { name, ...first } = prepared(asked)
  const begun = new Promise<void>((resolve, reject) => {
    // By a callback, which is called before anything else that has come is looked at; a promise would be later.
    const told = (fault: Error | null, result?: QueryResult<Told>) => {
      const { now, policies, gate } = result?.rows[0] ?? {}
      if (fault || !now || !policies || (asked === ofRuns && !gate)) {
        reject(fault ?? new Error('the database told no time'))
        return
      }
      known = { now, epochs: { policies, ...(gate && { gate }) } }
      resolve()
    }
    inOneWrite(client)
    if (preparedOn(client).has(name)) {
      // One message and one answer: the statement is prepared on this connection.
      client.query(`${text}; execute "${name}"`, (fault: Error | null, results: unknown) =>
        told(fault, fault ? undefined : (results as [unknown, QueryResult<Told>])[1]),
      )
      return
    }
    client.query(text).catch(reject)
    client.query<Told>({ name, ...first }, (fault: Error | null, result) => {
      if (!fault) preparedOn(client).add(name)
      told(fault, result)
    })
  })
  // Whoever does not wait for it fails with what they ask.
  begun.catch(() => {})
  return {
    begun,
    standing() {
      if (known) return known
      throw new Error('the transaction has not begun yet')
    },
  }
}

const preparedNames = new WeakMap<PoolClient, Set<string>>()

/** What is known to be prepared on a connection, by its name. */
function preparedOn(client: PoolClient): Set<string> {
  const names = preparedNames.get(client) ?? new Set()
  preparedNames.set(client, names)
  return names
}

interface Told {
  readonly now?: Date
  readonly policies?: string | null
  readonly gate?: string | null
}

const nothing = 'the transaction had failed before its end, and nothing was committed'
const committedBy = ({ command }: QueryResult) => {
  if (command !== 'COMMIT') throw new NotCommitted(nothing)
}

/** A value in the text of a statement: bytes by their digits, whatever else as text that nothing ends but its end. */
const literal = (value: unknown): string => {
  if (value === null || value === undefined) return 'null'
  if (Buffer.isBuffer(value)) return `'\\x${value.toString('hex')}'`
  if (value instanceof Date) return `'${value.toISOString()}'`
  if (typeof value === 'string') return escapeLiteral(value)
  if (typeof value === 'number' || typeof value === 'boolean') return `'${value}'`
  throw new Error('a value that has no text')
}

/** PostgreSQL answers a commit of what has failed with ROLLBACK: what is sent before it cannot be lost unnoticed. */
async function commit(
  client: PoolClient,
  send: Send,
  statements: readonly Statement[],
): Promise<void> {
  const [only, another] = statements
  const single = only?.one && !another ? prepared(only) : undefined
  if (single && preparedOn(client).has(single.name)) {
    // One message and one answer here too, as for its beginning.
    return inOneMessage(client, [executing(single)])
  }
  inOneWrite(client)
  const sent = together(statements, (each) => each).map(send)
  const answers = await Promise.allSettled([...sent, client.query('commit')])
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
  if (single) preparedOn(client).add(single.name)
  const committed = answers.at(-1)
  if (committed?.status === 'fulfilled') committedBy(committed.value)
}

const executing = ({ name, values }: ReturnType<typeof prepared>) =>
  `execute "${name}"(${values.map(literal).join()})`

async function inOneMessage(client: PoolClient, texts: readonly string[]): Promise<void> {
  const answers = await client.query([...texts, 'commit'].join('; '))
  committedBy((answers as unknown as [...QueryResult[], QueryResult]).at(-1) as QueryResult)
}

/** Commits with what is hoped; answers false where that was refused, and nothing of what came with it is there. */
async function commitAsHoped(
  client: PoolClient,
  send: Send,
  statements: readonly Statement[],
  hopes: readonly Hoped[],
): Promise<boolean> {
  if (hopes.length === 0) return false
  const known = preparedOn(client)
  const groups = together([...statements, ...hopes.map(({ hoped }) => hoped)], (each) => each)
  const alone = groups.flatMap(([only, another]) =>
    another || (only.rows && !only.one) ? [] : [prepared(only)],
  )
  const begin = 'savepoint hoped'
  try {
    if (alone.length === groups.length && alone.every(({ name }) => known.has(name))) {
      await inOneMessage(client, [begin, ...alone.map(executing)])
      return true
    }
    inOneWrite(client)
    const answers = await Promise.allSettled([client.query(begin), ...groups.map(send)])
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
    for (const { name } of alone) known.add(name)
    committedBy(await client.query('commit'))
    return true
  } catch (error) {
    if (!(error instanceof DatabaseError && error.code === dashed)) throw error
    await client.query(`rollback to ${begin}`)
    return false
  }
}

/** PostgreSQL rolled back what it was asked to commit. */
export class NotCommitted extends Error {}
