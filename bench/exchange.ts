// node bench/exchange.ts: exchange and redemption with 16 to 96 clients, as a share of their floor on this machine: one
// signature verification and two bare transactions, by as many. Through the whole door but the socket, on an embedded
// PostgreSQL with fsync.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { connect } from '../src/server/db/connect.ts'
import { startEmbedded } from '../src/server/db/embedded.ts'
import { migrate } from '../src/server/db/migrate.ts'
import { newId } from '../src/server/db/new-id.ts'
import { openPipeline } from '../src/server/testing/pipeline.ts'
import { openWorld } from '../src/server/testing/world.ts'
import { quantile } from './world.ts'

const crowds = [16, 32, 48, 96] as const
/** Of the floor: PostgreSQL takes 60 in all, the server's own among them. A further one would make it no faster. */
const connections = 32
/** Leases that are taken in one turn, whatever the crowd. */
const turn = 960
const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
const embedded = await startEmbedded({ dataDir })
await migrate(embedded.url)
const owner = connect(embedded.url, { max: connections, statementTimeoutMs: 0 })
await sql`create table bare (id uuid primary key, name text not null)`.execute(owner)
await sql`select exempt('bare', 'the floor of this benchmark')`.execute(owner)
const world = await openWorld({ databaseUrl: embedded.url })
const pipeline = await openPipeline(world, await world.as('ada'))
const keys = createLocalJWKSet({ keys: [...pipeline.ci.published] })

const bare = async () => {
  const client = await owner.pool.connect()
  await client.query('begin')
  await client.query('insert into bare values ($1, $2)', [newId(), 'one'])
  await client.query('commit')
  client.release()
}
const floor = async (token: string) => {
  await jwtVerify(token, keys, { issuer: pipeline.ci.url })
  await bare()
  await bare()
}
const real = async (token: string) => {
  const { access_token: lease } = await pipeline.lease({ subject_token: token })
  const { status } = await pipeline.redeem(lease)
  if (status !== 200) throw new Error(`a lease was answered ${status}`)
}

/** How many a second, of tokens that were signed before the clock runs. */
async function perSecond(clients: number, work: (token: string) => Promise<void>): Promise<number> {
  const tokens = await Promise.all(Array.from({ length: turn }, () => pipeline.token()))
  const began = performance.now()
  const client = async () => {
    for (let token = tokens.pop(); token !== undefined; token = tokens.pop()) await work(token)
  }
  await Promise.all(Array.from({ length: clients }, client))
  return (turn * 1000) / (performance.now() - began)
}

await perSecond(crowds[0], real)
for (const clients of crowds) {
  const rounds: [number, number][] = []
  // In turns, so that a busy machine is unfair to neither.
  for (let round = 0; round < 5; round++) {
    rounds.push([await perSecond(clients, floor), await perSecond(clients, real)])
  }
  const middle = (of: (round: [number, number]) => number) => quantile(rounds.map(of), 0.5)
  console.log(
    `${clients} clients: floor ${Math.round(middle(([one]) => one))}/s, exchange + redeem ${Math.round(middle(([, one]) => one))}/s = ${(middle(([one, other]) => other / one) * 100).toFixed(0)} % of the floor (goal ≥ 50 %)`,
  )
}
await pipeline.close()
await world.close()
await owner.destroy()
await embedded.stop()
rmSync(dataDir, { recursive: true, force: true })
