import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, describe, expect, test } from 'vitest'
import { connect } from './db/connect.ts'
import { runningDatabase } from './db/embedded.ts'
import { isAlive } from './db/folder-lock.ts'
import { signInHeadless } from './dev/idp/headless.ts'
import {
  databaseProcess,
  freePorts,
  occupy,
  startProcess,
  tokensOf,
  type ServerProcess,
} from './testing/server-process.ts'

/*
 * P50: the process, its database or both are killed in the first boot, while starting and under load. Every next start
 * goes on by itself, no acknowledged change is lost, and nothing is left running. `P50_ROUNDS=200` runs the whole promise.
 */
const rounds = Number(process.env['P50_ROUNDS'] ?? 4)

const folders: string[] = []
const servers: ServerProcess[] = []
function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-kills-'))
  // PostgreSQL's own user must come through, where the test runs as root.
  chmodSync(folder, 0o755)
  folders.push(folder)
  return folder
}
function start(options: Parameters<typeof startProcess>[0]): ServerProcess {
  const server = startProcess({ ...options, env: { LOG_LEVEL: 'fatal', ...options.env } })
  servers.push(server)
  return server
}
afterAll(async () => {
  for (const { child } of servers) child.kill('SIGKILL')
  await Promise.all(servers.map(({ ended }) => ended))
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const victims = ['server', 'database', 'both'] as const
const moments = ['starting', 'load', 'first boot', 'load'] as const

function kill(victim: (typeof victims)[number], server: ServerProcess, dataDir: string): void {
  const database = databaseProcess(dataDir)
  const running = database > 0 && isAlive(database)
  if (victim !== 'server' && running) process.kill(database, 'SIGKILL')
  // Without its database the process goes on and refuses; it is ended so that the next may start.
  server.child.kill('SIGKILL')
}

/** Living processes that name the folder, but for this one. */
function orphansOf(folder: string): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8')
        return command.includes(folder) ? [command.replaceAll('\0', ' ')] : []
      } catch {
        return []
      }
    })
}

/** Creates contexts one after the other until `count` are acknowledged or the server has gone; answers their names. */
async function work(server: ServerProcess, token: string, count: number, name: string) {
  const acknowledged: string[] = []
  for (let at = 0; acknowledged.length < count; at++) {
    const answer = await fetch(`${server.url}/api/v1/contexts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: `${name}-${at}`, description: '' }),
    }).catch(() => undefined)
    if (!answer?.ok) break
    acknowledged.push(`${name}-${at}`)
  }
  return acknowledged
}

async function storedNames(dataDir: string): Promise<Set<string>> {
  const db = connect(runningDatabase(dataDir) ?? '', { max: 1 })
  const rows = await db.selectFrom('context').select('name').execute()
  await db.destroy()
  return new Set(rows.map(({ name }) => name))
}
const lost = (acknowledged: readonly string[], stored: ReadonlySet<string>) =>
  acknowledged.filter((name) => !stored.has(name))

test(
  `P50: ${rounds} kills of process and database, in the first boot, while starting and under load, lose nothing`,
  { timeout: 120_000 + rounds * 30_000 },
  async () => {
    const dataDir = freshFolder()
    const port = await freePorts()
    const acknowledged: string[] = []
    const seen = { killed: 0, firstBoots: 0 }
    let tokens: string[] = []
    const left: string[] = [dataDir]

    for (let round = 0; round < rounds; round++) {
      const moment = moments[round % moments.length] ?? 'load'
      const victim = victims[round % victims.length] ?? 'both'
      const delayMs = Math.random() * 700
      if (moment === 'load') {
        const server = start({ dataDir, port })
        if (!(await server.ready)) throw new Error(`round ${round}: ${server.output()}`)
        if (tokens.length === 0) tokens = await tokensOf(signInHeadless, server.url, 4)
        const working = tokens.map((token, at) => work(server, token, 1_000, `r${round}-${at}`))
        // What is acknowledged first, and then a moment in the middle of the rest.
        acknowledged.push(...(await work(server, tokens[0] ?? '', 5, `r${round}-first`)))
        setTimeout(() => kill(victim, server, dataDir), delayMs / 4)
        for (const names of await Promise.all(working)) acknowledged.push(...names)
        await server.ended
      } else {
        const folder = moment === 'first boot' ? freshFolder() : dataDir
        const first = 'making the database folder'
        const says = moment === 'first boot' ? first : 'Starting PostgreSQL'
        const server = start({
          dataDir: folder,
          port,
          onOutput: (text) => {
            if (text.includes(says)) setTimeout(() => kill(victim, server, folder), delayMs)
          },
        })
        await server.ended
        if (moment === 'first boot') {
          seen.firstBoots++
          const again = start({ dataDir: folder, port })
          if (!(await again.ready)) throw new Error(`after a first boot: ${again.output()}`)
          again.child.kill('SIGTERM')
          await again.ended
          left.push(folder)
        }
      }
      seen.killed++
    }

    const server = start({ dataDir, port })
    if (!(await server.ready)) throw new Error(server.output())
    const stored = await storedNames(dataDir)
    expect(seen).toEqual({ killed: rounds, firstBoots: Math.floor((rounds + 1) / 4) })
    expect(acknowledged.length).toBeGreaterThanOrEqual(5)
    expect(lost(acknowledged, stored)).toEqual([])
    // Negative control: a store that lost its last acknowledged change is told apart.
    const [last = ''] = acknowledged.slice(-1)
    expect(lost(acknowledged, new Set([...stored].filter((name) => name !== last)))).toEqual([last])

    // A second server on the same data is refused with a sentence, and takes nothing away from the first.
    const second = start({ dataDir, port: await freePorts() })
    expect(await second.ended).toBe(1)
    expect(second.output()).toContain(`Another Sallyport (process ${server.child.pid}) runs`)
    const [token = ''] = tokens
    expect(await work(server, token, 1, 'after')).toEqual(['after-0'])
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    await expect.poll(() => left.flatMap(orphansOf)).toEqual([])
  },
)

test('P50: a first start that is cut off while it seeds begins anew, once', async () => {
  const dataDir = freshFolder()
  const port = await freePorts()
  const env = { SALLYPORT_SAMPLE: 'small' }
  const cut = start({
    dataDir,
    port,
    env,
    onOutput: (text) => {
      if (text.includes('Seeding its history')) cut.child.kill('SIGKILL')
    },
  })
  await cut.ended
  const again = start({ dataDir, port, env })
  if (!(await again.ready)) throw new Error(again.output())
  expect(again.output()).toContain('begins anew')
  const db = connect(runningDatabase(dataDir) ?? '', { max: 1 })
  const { days } = await db
    .selectFrom('decision')
    .select(sql<number>`count(distinct date(at))::int`.as('days'))
    .executeTakeFirstOrThrow()
  await db.destroy()
  // Today and the five before it.
  expect(days).toBeGreaterThanOrEqual(5)
  again.child.kill('SIGTERM')
  expect(await again.ended).toBe(0)
  const third = start({ dataDir, port, env })
  if (!(await third.ready)) throw new Error(third.output())
  expect(third.output()).not.toMatch(/anew|Seeding/)
  third.child.kill('SIGTERM')
  await third.ended
})

describe('what keeps it from starting is told in a sentence with the remedy (P50)', () => {
  const told = async (dataDir: string, port: number) => {
    const server = start({ dataDir, port })
    expect(await server.ended).toBe(1)
    expect(orphansOf(dataDir)).toEqual([])
    return server.output().trim().split('\n').at(-1)
  }

  test('its port, or that of its identity provider, is taken', async () => {
    const dataDir = freshFolder()
    const port = await freePorts()
    for (const [taken, sentence] of [
      [
        port,
        `Something else listens on port ${port} already. Stop it, or set PORT to another number.`,
      ],
      [
        port + 1,
        `The identity provider needs http://localhost:${port + 1}, and something else listens there. Set PORT to another number.`,
      ],
    ] as const) {
      const release = await occupy(taken)
      const server = start({ dataDir, port, env: { LOG_LEVEL: 'warn' } })
      await server.ended
      const lines = server.output().trim().split('\n')
      expect(lines.at(-1)).toBe(sentence)
      // Told before a minute of migrating and seeding, and with no complaint of what was closed for it.
      expect(lines.filter((line) => /^(Migrat|Seed|\{)/.test(line))).toEqual([])
      await release()
    }
    // Negative control: with both free the same folder starts.
    const server = start({ dataDir, port })
    expect(await server.ready).toBe(true)
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    if (process.getuid?.() !== 0) return
    // Unreadable to the database's user: a folder that was copied by root belongs to root.
    const owned = join(dataDir, 'pg')
    chownSync(owned, 0, 0)
    expect(await told(dataDir, port)).toContain(`chown -R `)
  })

  test('the data folder is a file, or one that cannot be written', async () => {
    const folder = freshFolder()
    const file = join(folder, 'file')
    writeFileSync(file, '')
    const port = await freePorts()
    for (const place of [file, join(file, 'below')]) {
      expect(await told(place, port)).toMatch(
        /^The data folder .+ cannot be used: .+ or set SALLYPORT_DATA to another folder\.$/,
      )
    }
  })
})
