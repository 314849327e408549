import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtInRoles } from '../../contract/built-in-roles.ts'

/*
 * The process itself, as `npm start` runs it but for the installing: what a test must be able to kill.
 */

const root = fileURLToPath(new URL('../../../', import.meta.url))

function listen(port: number): Promise<Server | undefined> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', () => resolve(undefined))
    probe.listen(port, 'localhost', () => resolve(probe))
  })
}
const closed = (server: Server) => new Promise((done) => server.close(done))

/** Three free ports side by side, the server's, its identity provider's and its CI systems': the first. */
export async function freePorts(): Promise<number> {
  for (;;) {
    const one = await listen(0)
    const address = one?.address()
    if (!one || typeof address !== 'object' || !address) continue
    const { port } = address
    const others = await Promise.all([listen(port + 1), listen(port + 2)])
    for (const server of [one, ...others]) if (server) await closed(server)
    if (others.every((server) => server !== undefined)) return port
  }
}

/** Something else that listens on a port; close it. */
export async function occupy(port: number): Promise<() => Promise<unknown>> {
  const server = await listen(port)
  if (!server) throw new Error(`port ${port} is taken already`)
  return () => closed(server)
}

export interface ServerProcess {
  readonly child: ChildProcess
  readonly url: string
  /** Everything that the process printed so far. */
  output(): string
  /** Resolves with true when it answers, with false when it ended before. */
  readonly ready: Promise<boolean>
  /** Resolves with the exit code, or with the signal's name, when everything it printed was read. */
  readonly ended: Promise<number | string>
}

export interface ServerProcessOptions {
  readonly dataDir: string
  readonly port: number
  readonly env?: Readonly<Record<string, string>>
  /** Words before the command, as of `onSmallDisk`. */
  readonly within?: readonly string[]
  /** Told each piece that it prints. */
  readonly onOutput?: (text: string) => void
}

/** Starts `main.ts` in evaluation mode, without the sample company unless told otherwise. */
export function startProcess(options: ServerProcessOptions): ServerProcess {
  const { dataDir, port, env = {}, within = [], onOutput } = options
  const [command, ...words] = [...within, process.execPath, 'src/server/main.ts']
  // What production would have built; the process refuses to start without a console.
  if (!existsSync(join(root, 'dist/index.html'))) {
    spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'ignore' })
  }
  const child = spawn(command, words, {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      PORT: String(port),
      SALLYPORT_DATA: dataDir,
      SALLYPORT_SAMPLE: 'off',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const url = `http://localhost:${port}`
  let printed = ''
  const ended = once(child, 'close').then(
    ([code, signal]) => (code as number | null) ?? String(signal),
  )
  const ready = new Promise<boolean>((resolve) => {
    const take = (chunk: Buffer) => {
      printed += chunk.toString()
      onOutput?.(chunk.toString())
      if (printed.includes(`Sallyport answers at ${url}`)) resolve(true)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    void ended.then(() => resolve(false))
  })
  return { child, url, output: () => printed, ready, ended }
}

/** The embedded PostgreSQL of a data folder, by its own file; 0 when there is none. */
export function databaseProcess(dataDir: string): number {
  try {
    return Number(readFileSync(join(dataDir, 'pg', 'postmaster.pid'), 'utf8').split('\n')[0])
  } catch {
    return 0
  }
}

/** Signs a persona of evaluation mode in, as `signInHeadless` does. */
type SignIn = (options: {
  issuer: string
  clientId: string
  redirectUri: string
  persona: string
}) => Promise<{ headers: (method: string, url: string) => Promise<Record<string, string>> }>

/** API tokens of the administrator, one for each writer; they outlive the process. */
export async function tokensOf(signIn: SignIn, url: string, count: number): Promise<string[]> {
  const session = await signIn({
    issuer: `http://localhost:${Number(new URL(url).port) + 1}`,
    clientId: 'sallyport-console',
    redirectUri: `${url}/auth/callback`,
    persona: 'ada',
  })
  const post = async (path: string, body: unknown) => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        ...(await session.headers('POST', `${url}${path}`)),
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    })
    return (await answer.json()) as { token: string }
  }
  await post('/api/v1/sessions', {})
  const tokens: string[] = []
  for (let at = 0; at < count; at++) {
    const made = await post('/api/v1/api-tokens', {
      name: `writer ${at}`,
      roleId: builtInRoles.securityAdmin.id,
      expiresInDays: 1,
      allowSensitive: true,
    })
    tokens.push(made.token)
  }
  return tokens
}
