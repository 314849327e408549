import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { afterAll, expect, test } from 'vitest'
import { startEmbedded } from './embedded.ts'
import { isAlive } from './folder-lock.ts'

/** `P50_ROUNDS=200` runs the whole promise; the daily tests a sample of each kind. */
const rounds = Number(process.env['P50_ROUNDS'] ?? 8)
const writer = fileURLToPath(new URL('../testing/embedded-writer.ts', import.meta.url))
const folders: string[] = []

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-p50-'))
  folders.push(folder)
  return folder
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const victims = ['server', 'database', 'both', 'starting'] as const
type Victim = (typeof victims)[number]

const databasePid = (folder: string) => {
  try {
    return Number(readFileSync(join(folder, 'pg', 'postmaster.pid'), 'utf8').split('\n')[0])
  } catch {
    return 0
  }
}

function kill(victim: Victim, child: ChildProcess, folder: string): void {
  const pid = databasePid(folder)
  // The order in which a machine that runs out of memory would not ask for: as bad as it gets.
  if (victim !== 'database') child.kill('SIGKILL')
  if ((victim === 'database' || victim === 'both') && pid > 0 && isAlive(pid)) {
    process.kill(pid, 'SIGKILL')
  }
}

/** Runs a server until it has acknowledged `after` numbers (none: until it begins), kills, and answers what it had acknowledged. */
async function runAndKill(folder: string, first: number, victim: Victim, after: number) {
  const child = spawn(process.execPath, [writer, folder, String(first)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const complaints: string[] = []
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()))
  const exited = once(child, 'exit')
  const acknowledged: number[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== 'starting') acknowledged.push(Number(line))
    const due = victim === 'starting' ? line === 'starting' : acknowledged.length === after
    if (due) kill(victim, child, folder)
  }
  await exited
  return { acknowledged, complaints: complaints.join('') }
}

async function stored(url: string): Promise<Set<number>> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ number: number }>('select number from written')
    return new Set(rows.map(({ number }) => number))
  } finally {
    await client.end()
  }
}

const lost = (acknowledged: readonly number[], found: ReadonlySet<number>) =>
  acknowledged.filter((number) => !found.has(number))

/** Living processes that name the folder: a database nobody owns would be among them. */
function orphansOf(folder: string): number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(folder)
      } catch {
        return false
      }
    })
    .map(Number)
}

test(
  `P50: ${rounds} kills of server, database and both, at start and under load, lose nothing acknowledged`,
  { timeout: 120_000 + rounds * 30_000 },
  async () => {
    const folder = freshFolder()
    const acknowledged: number[] = []
    let next = 1
    // The very first start is killed too: a folder that was made half-way is made anew.
    for (let round = 0; round < rounds; round++) {
      const victim = victims[(round + 3) % victims.length] ?? 'server'
      const ran = await runAndKill(folder, next, victim, 5 + ((round * 37) % 60))
      if (victim !== 'starting' && ran.acknowledged.length === 0) {
        throw new Error(`round ${round} (${victim}) exercised nothing: ${ran.complaints}`)
      }
      acknowledged.push(...ran.acknowledged)
      // What was under way when it was killed may be stored, too: numbers go on well above.
      next = (acknowledged.at(-1) ?? 0) + 1_000
    }
    const database = await startEmbedded({ dataDir: folder })
    const found = await stored(database.url)
    expect(acknowledged.length).toBeGreaterThan(0)
    expect(lost(acknowledged, found)).toEqual([])
    // Negative control: the same question about a store that lost its last commit is answered.
    const last = acknowledged.at(-1) ?? 0
    expect(lost(acknowledged, new Set([...found].filter((number) => number !== last)))).toEqual([
      last,
    ])
    await database.stop()
    expect(orphansOf(join(folder, 'pg'))).toEqual([])
  },
)

test('a second server on the same folder is refused with a sentence that names the first', async () => {
  const folder = freshFolder()
  const database = await startEmbedded({ dataDir: folder })
  await expect(startEmbedded({ dataDir: folder })).rejects.toThrow(
    `Another Sallyport (process ${process.pid}) runs on this data folder.`,
  )
  // The refused one took nothing away from the first.
  const client = new Client({ connectionString: database.url })
  await client.connect()
  expect((await client.query('show fsync')).rows).toEqual([{ fsync: 'on' }])
  await client.end()
  await database.stop()
  const again = await startEmbedded({ dataDir: folder })
  await again.stop()
})

test('the database ends with a server that was killed, and its folder is for its owner alone', async () => {
  const folder = freshFolder()
  const { acknowledged } = await runAndKill(folder, 1, 'server', 3)
  expect(acknowledged.length).toBeGreaterThanOrEqual(3)
  await expect.poll(() => orphansOf(join(folder, 'pg'))).toEqual([])
  const database = await startEmbedded({ dataDir: folder })
  await database.stop()
})
