import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { printable } from '../contract/printable.ts'
import { openApp, type App } from './app.ts'
import { ConfigError, readConfig, type Config } from './config.ts'
import { migrate } from './db/migrate.ts'
import { listeningFault } from './listening.ts'
import { openLog } from './log.ts'

/** What evaluation mode adds: a database of its own, an identity provider, the sample company. */
interface Surroundings {
  readonly databaseUrl: string
  /** Once the database is migrated and the app stands, before anybody is told. */
  ready(app: App): Promise<void>
  /** What to tell the person at the terminal. */
  readonly welcome: string
  close(): Promise<void>
}

const say = (line: string) => process.stdout.write(`${printable(line, '\n')}\n`)

async function surroundingsOf(config: Config, log: Logger): Promise<Surroundings> {
  if (config.mode === 'evaluation') {
    // The only way to the sample identities; production never loads it.
    const { openEvaluation } = await import('./dev/evaluation.ts')
    return openEvaluation({ config, say, log })
  }
  return {
    databaseUrl: config.databaseUrl ?? '',
    ready: async () => {},
    welcome: `Sallyport answers at ${config.publicUrl}`,
    close: async () => {},
  }
}

function told(error: NodeJS.ErrnoException, { host, port }: Config): Error {
  const fault =
    error.code === 'EADDRINUSE'
      ? `Something else listens on port ${port} already. Stop it, or set PORT to another number.`
      : error.code === 'EACCES'
        ? `This user may not listen on port ${port}. Set PORT to a number above 1023.`
        : `Sallyport cannot listen on ${host}, port ${port}: ${error.message}.`
  return new Error(fault, { cause: error })
}

async function listen({ fastify }: App, config: Config): Promise<void> {
  const { host, port } = config
  await fastify.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    throw told(error, config)
  })
}

async function run(): Promise<void> {
  const config = readConfig(process.env)
  const log = openLog(config.logLevel)
  const around = await surroundingsOf(config, log)
  let app: App | undefined
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= (async () => {
      await app?.close()
      await around.close()
    })()
    return closing
  }
  const stop = () => {
    if (closing) return
    say('Closing: what is under way is finished first …')
    void close().then(
      () => say('Closed.'),
      (error: unknown) => {
        log.error({ err: error }, 'closing')
        process.exitCode = 1
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    const taken = await listeningFault(config.host, config.port)
    if (taken) throw told(taken, config)
    const count = await migrate(around.databaseUrl, (name) => say(`Migrating: ${name}`))
    if (count > 0) say(`Migrated the database (${count} steps).`)
    const consoleFolder = fileURLToPath(new URL('../../dist', import.meta.url))
    app = await openApp({ config, databaseUrl: around.databaseUrl, log, consoleFolder })
    await around.ready(app)
    await listen(app, config)
    void app.warm()
    app.findings.start()
    if (!closing) say(around.welcome)
  } catch (error) {
    await close().catch(() => {})
    throw error
  }
}

try {
  await run()
} catch (error) {
  const told = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${printable(told, '\n')}\n`)
  const expected = error instanceof ConfigError || process.env['LOG_LEVEL'] !== 'debug'
  if (!expected && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  // Whatever had begun to work by and by would keep a process alive that serves nobody.
  process.exit(1)
}
