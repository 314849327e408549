import type { CompiledQuery } from 'kysely'
import type { PoolClient, QueryArrayResult, QueryResult } from 'pg'
import { isSilence, onConnection, type Database, type Db } from './connect.ts'

/** A transaction that is open. */
export interface Transaction {
  readonly db: Db
  /** The database's clock as it began: the only one that decides about expiry. */
  readonly now: Date
  /**
   * Leaves a statement to be sent together with the commit, in one round trip, after all that was awaited. When it
   * fails, nothing is committed and the transaction throws its error.
   */
  readonly last: (statement: CompiledQuery) => void
}

/**
 * Runs `work` in one READ COMMITTED transaction and commits, or rolls everything back when it throws. A read-only one
 * cannot write, whatever its handler tries. Throws when the database did not commit, also where `work` swallowed the
 * error because of which it could not.
 */
export async function inTransaction<T>(
  database: Database,
  { readOnly }: { readOnly: boolean },
  work: (db: Db, transaction: Transaction) => Promise<T>,
): Promise<T> {
  const client = await database.pool.connect()
  let broken: unknown
  try {
    const now = await begin(client, readOnly)
    const db = onConnection(client)
    const statements: CompiledQuery[] = []
    const result = await work(db, { db, now, last: (statement) => statements.push(statement) })
    await commit(client, statements)
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

/** Two statements in one message: when the first fails, PostgreSQL does not look at the second. */
async function begin(client: PoolClient, readOnly: boolean): Promise<Date> {
  const answers = (await client.query(
    `begin${readOnly ? ' read only' : ''}; select clock_timestamp() as now`,
  )) as unknown as [QueryArrayResult, QueryResult<{ now: Date }>]
  const now = answers[1].rows[0]?.now
  if (!now) throw new Error('the database told no time')
  return now
}

/** PostgreSQL answers a commit of what has failed with ROLLBACK: what is sent before it cannot be lost unnoticed. */
async function commit(client: PoolClient, statements: readonly CompiledQuery[]): Promise<void> {
  const sent = statements.map(({ sql, parameters }) =>
    client.query({ name: nameOf(sql), text: sql, values: [...parameters] }),
  )
  const answers = await Promise.allSettled([...sent, client.query('commit')])
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
  const committed = answers.at(-1)
  if (committed?.status === 'fulfilled' && committed.value.command === 'COMMIT') return
  throw new Error('the transaction had failed before its end, and nothing was committed')
}

/** The few statements that end transactions are prepared once a connection, each by its text. */
const names = new Map<string, string>()

function nameOf(text: string): string {
  const name = names.get(text) ?? `last-${names.size}`
  names.set(text, name)
  return name
}
