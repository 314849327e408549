import { Client } from 'pg'
import { startEmbedded } from '../db/embedded.ts'

/*
 * A server that a test kills (P50): starts the database on the folder it is given, then stores one number after the
 * other and prints each only after its commit was acknowledged. Ends by itself when the database has gone.
 */
const [, , dataDir = '', first = '1'] = process.argv
process.stdout.write('starting\n')
const database = await startEmbedded({ dataDir })
const client = new Client({ connectionString: database.url })
client.on('error', () => process.exit(3))
await client.connect()
await client.query('create table if not exists written (number int primary key)')
for (let number = Number(first); ; number++) {
  try {
    await client.query('insert into written values ($1)', [number])
  } catch {
    process.exit(3)
  }
  process.stdout.write(`${number}\n`)
}
