import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../db/connect.ts'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import { freePorts, startProcess, type ServerProcess } from '../../testing/server-process.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

/*
 * Two server processes over one database, as in production: what one gives, the other must not give again.
 */

const folder = mkdtempSync(join(tmpdir(), 'sallyport-races-'))
let world: World
let ada: WorldPerson
let pipeline: Pipeline
const servers: ServerProcess[] = []

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  // The lease is given to another address than the one that the processes see.
  pipeline = await openPipeline(world, ada, { bindAddress: false })
  for (const name of ['one', 'other']) {
    const port = await freePorts()
    const url = `http://localhost:${port}`
    const server = startProcess({
      dataDir: join(folder, name),
      port,
      env: {
        NODE_ENV: 'production',
        HOST: 'localhost',
        LOG_LEVEL: 'fatal',
        PUBLIC_URL: url,
        DATABASE_URL: world.databaseUrl,
        OIDC_ISSUER: world.config.oidc.issuer,
        OIDC_CLIENT_ID: 'sallyport-console',
        OIDC_AUDIENCE: `${url}/api`,
        SALLYPORT_MASTER_KEY: masterKey(world.dataDir),
      },
    })
    servers.push(server)
    if (!(await server.ready)) throw new Error(server.output())
  }
})
afterAll(async () => {
  for (const { child } of servers) child.kill('SIGKILL')
  await Promise.all(servers.map(({ ended }) => ended))
  await pipeline.close()
  await world.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The key that the world's server made for itself, in the form that the settings take it. */
const masterKey = (dataDir: string) => readFileSync(join(dataDir, 'master-key'), 'utf8').trim()

/** So many are under way at each process: what waits longer than the pool lets it is shed, which is another promise (P42). */
const atOnce = 60

/** Everybody who can at once, half of them at each process, until all have asked. Answers the statuses. */
async function storm(lease: string, times: number): Promise<number[]> {
  const statuses: number[] = []
  let left = times
  const asking = async (server: ServerProcess) => {
    while (left-- > 0) {
      const answer = await fetch(`${server.url}/api/v1/leases/redeem`, {
        method: 'POST',
        headers: { authorization: `Bearer ${lease}` },
      })
      await answer.arrayBuffer()
      statuses.push(answer.status)
    }
  }
  await Promise.all(
    servers.flatMap((server) => Array.from({ length: atOnce }, () => asking(server))),
  )
  return statuses
}

const count = (statuses: readonly number[], wanted: number) =>
  statuses.filter((status) => status === wanted).length

describe('P4: a lease is redeemed at most once', () => {
  test('by 1,000 at once on two processes; each of the others is refused, recorded and counted', async () => {
    const lease = await pipeline.lease({ lease_seconds: '900' })
    const statuses = await storm(lease.access_token, 1_000)
    expect(count(statuses, 200)).toBe(1)
    // What a busy server sheds (503, P42) is not redeemed either; what it answers is recorded, each time.
    const refused = count(statuses, 403)
    expect(refused + count(statuses, 503)).toBe(999)
    expect(refused).toBeGreaterThan(100)
    const shown = await ada.call('leases.view', { leaseId: lease.lease })
    expect(shown).toMatchObject({ state: 'redeemed', replays: refused })
    const events = (await world.events()).filter(({ action }) => action === 'leases.redeem')
    expect(events.filter(({ outcome }) => outcome === 'permitted')).toHaveLength(1)
    expect(events.filter(({ outcome }) => outcome === 'denied')).toHaveLength(refused)
  })

  test('negative control: looking first and writing then gives it to several', async () => {
    const db = connect(world.databaseUrl, { max: 16 })
    await sql`create table naive (id int primary key, state text not null)`.execute(db)
    await sql`select exempt('naive', 'the negative control of this test')`.execute(db)
    await sql`insert into naive values (1, 'issued')`.execute(db)
    const look = async () => {
      const { rows } = await sql<{ state: string }>`select state from naive where id = 1`.execute(
        db,
      )
      return rows[0]?.state === 'issued'
    }
    // Between looking and writing there is time for the others to look.
    const looked = await Promise.all(Array.from({ length: 200 }, look))
    const given = await Promise.all(
      looked.map(async (free) => {
        if (free) await sql`update naive set state = 'redeemed' where id = 1`.execute(db)
        return free
      }),
    )
    await db.destroy()
    expect(given.filter(Boolean).length).toBeGreaterThan(1)
  })
})

describe('P7b: a revocation that came first wins', () => {
  test('never redeemed after it was revoked, whoever is faster; both orders occur', async () => {
    const seen = new Set<string>()
    for (let round = 0; round < 40; round++) {
      const lease = await pipeline.lease()
      const url = `${servers[round % 2]?.url}/api/v1/leases/redeem`
      const headers = { authorization: `Bearer ${lease.access_token}` }
      const redeeming = fetch(url, { method: 'POST', headers })
      const revoking = ada
        .call('leases.revoke', { leaseId: lease.lease, reason: 'race' })
        .then(() => 'revoked')
        .catch((error: { code: string }) => error.code)
      const [{ status }, revoked] = await Promise.all([redeeming, revoking])
      const { state } = await ada.call('leases.view', { leaseId: lease.lease })
      seen.add(state)
      // Exactly one of them had its way, and the lease says which.
      expect([status === 200, revoked === 'revoked']).toEqual([
        state === 'redeemed',
        state === 'revoked',
      ])
    }
    expect([...seen].every((state) => state === 'redeemed' || state === 'revoked')).toBe(true)
  })
})
