import { Client } from 'pg'
import { runningDatabase } from '../../src/server/db/embedded.ts'
import type { Server } from './server.ts'

/** Lets something have been so for long: what only time brings about, below the door and without an event. */
export async function letPass(server: Server, statement: string, values: string[]): Promise<void> {
  const database = new Client({ connectionString: runningDatabase(server.dataDir) })
  await database.connect()
  try {
    await database.query('set session_replication_role = replica')
    await database.query(statement, values)
  } finally {
    await database.end()
  }
}
