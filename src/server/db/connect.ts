import {
  CamelCasePlugin,
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
} from 'kysely'
import { Pool, types, type PoolClient } from 'pg'
import { prepared } from './statement.ts'
import type { Tables } from './tables.ts'

/** The database: a pool, or the open transaction that a store function is given. */
export type Db = Kysely<Tables>

/** The pool itself, which alone can begin a transaction (`inTransaction`). */
export type Database = Db & { readonly pool: Pool }

// int8 as number: counts and leaf indexes stay far below 2^53.
types.setTypeParser(types.builtins.INT8, Number)

export interface ConnectOptions {
  /** The role that every session takes on; it owns nothing and cannot alter the ledger. */
  readonly role?: 'sallyport_app' | 'sallyport_sealer'
  /** Most connections at once. */
  readonly max?: number
  readonly statementTimeoutMs?: number
  /**
   * Whether a commit waits until the disk has it, as it must before anybody is told of it; true unless said otherwise.
   * Without, a crash loses the end of what was committed, never its middle, and the next commit that waits keeps all of it.
   */
  readonly durable?: false
  readonly onError?: (error: Error) => void
}

/** No answer came at all: nobody knows what became of the statement, and the connection is of no more use. */
export const isSilence = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Query read timeout'

/** Opens a pool. Every session has time limits, so that one stuck request cannot hold a lock for long. */
export function connect(url: string, options: ConnectOptions = {}): Database {
  const settings = [
    options.role ? `-c role=${options.role}` : '',
    `-c statement_timeout=${options.statementTimeoutMs ?? 5_000}`,
    options.durable === false ? '-c synchronous_commit=off' : '',
    '-c lock_timeout=2000',
    // No spindle is waited for: a row is looked up by its index, also while a table is small and its plan is made to be kept.
    '-c random_page_cost=1.1',
    '-c idle_in_transaction_session_timeout=10000',
    '-c timezone=UTC',
  ]
  const statementTimeoutMs = options.statementTimeoutMs ?? 5_000
  const pool = new Pool({
    connectionString: url,
    // The server's own time limit says nothing to whoever cannot hear it: a cut wire must end a request, too (P19).
    ...(statementTimeoutMs > 0 && { query_timeout: statementTimeoutMs + 1_000 }),
    max: options.max ?? 10,
    connectionTimeoutMillis: 5_000,
    options: settings.filter(Boolean).join(' '),
    application_name: 'sallyport',
    // What is sent at once travels at once: an event, its decision and the commit are one round trip.
    pipeline: true,
  })
  // An idle connection that breaks is replaced by the pool; without a listener Node would end the process.
  pool.on('error', (error) => {
    if (pool.ending) return
    // The pool hangs its client on the error, which is pages of nothing in a log.
    Reflect.deleteProperty(error, 'client')
    options.onError?.(error)
  })
  // Likewise for one that breaks between two statements of a transaction, on which the pool does not listen; the next
  // statement is refused then.
  pool.on('connect', (client) => client.on('error', () => {}))
  let ended: Promise<void> | undefined
  return Object.assign(over(pool), {
    pool,
    // The query builder ends no pool that it never asked, and `inTransaction` takes its connections from the pool itself.
    destroy: () => (ended ??= pool.end()),
  })
}

const plugins = [new CamelCasePlugin({ maintainNestedObjectKeys: true })]
const over = (pool: PostgresPool): Db =>
  new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), plugins })

/**
 * The same database, whose statements are each prepared once a connection: for texts that are few, are sent again and again,
 * and take longer to plan than to be carried out. They name their columns: a plan whose answer would be another is refused
 * (0A000), as `select *` is once a newer server has added one.
 */
export const preparing = ({ pool }: Database): Db =>
  lent(async () => {
    const client = await pool.connect()
    return planning(client, () => client.release())
  })

/** Two ways to one connection. */
interface OnConnection {
  readonly db: Db
  /** As `preparing` does it. */
  readonly planned: Db
}

/** Queries on one connection of the pool, which whoever took it gives back. Made once for each connection. */
export function onConnection(client: PoolClient): OnConnection {
  const known = onConnections.get(client)
  if (known) return known
  const release = () => {}
  const plain: PostgresPoolClient = { query: client.query.bind(client), release }
  const planned = planning(client, release)
  const made = {
    db: lent(() => Promise.resolve(plain)),
    planned: lent(() => Promise.resolve(planned)),
  }
  onConnections.set(client, made)
  return made
}

const onConnections = new WeakMap<PoolClient, OnConnection>()

const lent = (connect: () => Promise<PostgresPoolClient>): Db =>
  over({ connect, end: () => Promise.resolve() })

/** Of the two ways to ask that the query builder knows the one without a cursor, which nobody asks for. */
const planning = (client: PoolClient, release: () => void) =>
  ({
    query: (sql: string, parameters: readonly unknown[]) =>
      client.query(prepared({ sql, parameters })),
    release,
  }) as unknown as PostgresPoolClient
