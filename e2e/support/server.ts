import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

async function takes(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false))
    probe.listen(port, 'localhost', () => probe.close(() => resolve(true)))
  })
}

/** Three free ports side by side: the console's, the identity provider's and the CI systems'. */
async function freePorts(): Promise<number> {
  for (;;) {
    const probe = createServer().listen(0, 'localhost')
    await once(probe, 'listening')
    const { port } = probe.address() as AddressInfo
    await new Promise((closed) => probe.close(closed))
    if ((await takes(port + 1)) && (await takes(port + 2))) return port
  }
}

export interface Server {
  readonly url: string
  /** Where its database and keys are. */
  readonly dataDir: string
  /** Everything that the process printed. */
  output(): string
  stop(): Promise<void>
}

/** The real process, `npm start` without the installing, on a data folder of its own. */
export async function startServer(settings: Record<string, string> = {}): Promise<Server> {
  const port = await freePorts()
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-e2e-'))
  const child = spawn(process.execPath, ['src/server/main.ts'], {
    cwd: root,
    env: {
      ...process.env,
      PORT: String(port),
      SALLYPORT_DATA: dataDir,
      NODE_ENV: '',
      SALLYPORT_SAMPLE: 'small',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const url = `http://localhost:${port}`
  await new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.includes(`Sallyport answers at ${url}`)) resolve()
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.once('exit', () => reject(new Error(`The server ended:\n${printed}`)))
  })
  return {
    url,
    dataDir,
    output: () => printed,
    async stop() {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
