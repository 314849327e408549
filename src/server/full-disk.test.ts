import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { connect } from './db/connect.ts'
import { runningDatabase } from './db/embedded.ts'
import { signInHeadless } from './dev/idp/headless.ts'
import { checkpointFile } from './ledger/publisher.ts'
import { verifierKeyFile } from './ledger/signing-key.ts'
import { verifyRecord } from './ledger/verify.ts'
import { freePorts, startProcess, tokensOf, type ServerProcess } from './testing/server-process.ts'
import { fill, onSmallDisk, seenBy } from './testing/small-disk.ts'

/*
 * P49: the real process on a real file system that is full. Writes are answered 503 and reads as ever; where PostgreSQL
 * cannot even write its log it ends, and answers again by itself once there is room. Nothing acknowledged is lost.
 */

let server: ServerProcess | undefined
let dataDir = ''
afterEach(async () => {
  server?.child.kill('SIGKILL')
  await server?.ended
  rmSync(dataDir, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-full-'))
  // PostgreSQL's own user must come through, where the test runs as root.
  chmodSync(folder, 0o755)
  return folder
}

const ready = async (within: readonly string[] = []) => {
  const port = await freePorts()
  server = startProcess({ dataDir, port, within, env: { LOG_LEVEL: 'fatal' } })
  if (!(await server.ready)) throw new Error(server.output())
  return server
}

/** Creates and reads as an administrator; whatever was acknowledged is kept in mind. */
async function worker({ url }: ServerProcess) {
  const [token = ''] = await tokensOf(signInHeadless, url, 1)
  const authorization = `Bearer ${token}`
  const acknowledged: string[] = []
  let tried = 0
  const create = async () => {
    const name = `context-${tried++}`
    const { status } = await fetch(`${url}/api/v1/contexts`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ name, description: 'x'.repeat(1_900) }),
    })
    if (status === 201) acknowledged.push(name)
    return status
  }
  const read = async () =>
    (await fetch(`${url}/api/v1/contexts?limit=1`, { headers: { authorization } })).status
  return { acknowledged, create, read }
}

/** Every answer of some attempts, each status once. */
async function answers(attempts: number, ask: () => Promise<number>): Promise<number[]> {
  const seen = new Set<number>()
  for (let at = 0; at < attempts; at++) seen.add(await ask())
  return [...seen].toSorted((one, other) => one - other)
}

/** That all of it is stored, and nothing else; and that the record is whole. */
async function expectKept(folder: string, acknowledged: readonly string[]) {
  const db = connect(runningDatabase(folder) ?? '', { max: 1 })
  try {
    const rows = await db.selectFrom('context').select('name').execute()
    const stored = rows.map(({ name }) => name)
    expect(stored.toSorted()).toEqual(acknowledged.toSorted())
    await vi.waitFor(async () => {
      const verdict = await verifyRecord(db, {
        pinnedKey: readFileSync(verifierKeyFile(folder), 'utf8').trim(),
        outside: readFileSync(checkpointFile(folder), 'utf8'),
      })
      expect(verdict.fault).toBeUndefined()
      expect(verdict.pending).toBe(0)
      expect(verdict.events).toBeGreaterThan(acknowledged.length)
    }, soon)
  } finally {
    await db.destroy()
  }
}

const soon = { timeout: 30_000, interval: 250 }

// Mounts of one's own are Linux's.
describe.runIf(process.platform === 'linux')('P49: no room is left', () => {
  test('for data: writes are refused, reads are answered, and it goes on once there is room', async () => {
    dataDir = newFolder()
    const running = await ready(onSmallDisk(dataDir, 128))
    const inside = seenBy(running.child.pid, dataDir)
    const { acknowledged, create, read } = await worker(running)
    expect(await answers(5, create)).toEqual([201])
    const free = fill(inside)
    await vi.waitFor(async () => expect(await create()).toBe(503), soon)
    // One that fits what is begun already may still pass.
    expect([201, 503]).toEqual(expect.arrayContaining(await answers(20, create)))
    expect(await answers(20, read)).toEqual([200])
    free()
    await vi.waitFor(async () => expect(await create()).toBe(201), soon)
    expect(await answers(5, create)).toEqual([201])
    await expectKept(inside, acknowledged)
    running.child.kill('SIGTERM')
    expect({ code: await running.ended, said: running.output() }).toMatchObject({ code: 0 })
  })

  test('for the log: PostgreSQL ends, everything is refused, and it answers again by itself', async () => {
    dataDir = newFolder()
    const first = await ready()
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    const log = join(dataDir, 'pg', 'pg_wal')
    const segments = readdirSync(log).filter((name) => /^[0-9A-F]{24}$/.test(name)).length
    const running = await ready(onSmallDisk(log, (segments + 4) * 16))
    const { acknowledged, create, read } = await worker(running)
    expect(await answers(5, create)).toEqual([201])
    const free = fill(seenBy(running.child.pid, log))
    const owner = connect(runningDatabase(dataDir) ?? '', { max: 1 })
    // Each ends one segment early: after those that are there, and are used again, a new one is needed.
    const ended = async () => {
      for (let at = 0; at < 4 * segments; at++) {
        await sql`select pg_switch_wal()`.execute(owner)
        await create()
      }
      return 'no end'
    }
    expect(await ended().catch(() => 'PostgreSQL ended')).toBe('PostgreSQL ended')
    await owner.destroy()
    await vi.waitFor(() => expect(running.output()).toContain('starting it again'), soon)
    expect(await answers(10, create)).toEqual([503])
    expect(await answers(10, read)).toEqual([503])
    free()
    await vi.waitFor(async () => expect(await create()).toBe(201), soon)
    expect(await answers(5, create)).toEqual([201])
    expect(await answers(5, read)).toEqual([200])
    expect(running.output()).toContain('PostgreSQL answers again.')
    await expectKept(dataDir, acknowledged)
    running.child.kill('SIGTERM')
    expect({ code: await running.ended, said: running.output() }).toMatchObject({ code: 0 })
  })
})
