import type { Logger } from 'pino'
import type { App } from '../app.ts'
import type { Config } from '../config.ts'
import { connect } from '../db/connect.ts'
import { startEmbedded } from '../db/embedded.ts'
import { inTransaction } from '../db/transaction.ts'
import { listeningFault } from '../listening.ts'
import { emit } from '../ledger/emit.ts'
import { startIdp } from './idp/idp.ts'
import { seedSample, type SeedOptions } from './sample/seed.ts'
import { personas } from './personas.ts'

export interface EvaluationOptions {
  readonly config: Config
  /** Tells the person at the terminal what is being done. */
  readonly say: (line: string) => void
  readonly log: Logger
}

/** Evaluation mode: a PostgreSQL of its own in the data folder, and an identity provider on the next port. */
export async function openEvaluation({ config, say, log }: EvaluationOptions) {
  say(`Starting PostgreSQL on ${config.dataDir} …`)
  const database = await startEmbedded({ dataDir: config.dataDir, log: say })
  const idpPort = Number(new URL(config.oidc.issuer).port)
  const taken = await listeningFault('localhost', idpPort)
  if (taken) {
    await database.stop()
    throw told(taken, config)
  }
  let idp: { close(): Promise<void> } | undefined
  const watch = async () => {
    const code = await database.ended
    if (code !== 0) log.error(`PostgreSQL ended with ${code}; start again`)
  }
  void watch()
  /** Nobody is told of anything before it all is there: its commits need not wait for the disk one by one. */
  const seed = async ({ vault, ...rest }: Omit<SeedOptions, 'app'> & Pick<App, 'vault'>) => {
    const db = connect(database.url, { role: 'sallyport_app', max: 4, durable: false })
    try {
      return await seedSample({ app: { db, vault }, ...rest })
    } finally {
      await db.destroy()
    }
  }
  const names = personas.map(({ key, name, role }) => `  ${key.padEnd(5)} ${name}, ${role}`)
  return {
    databaseUrl: database.url,
    async ready(app: App): Promise<void> {
      await moveIdentities(app, config)
      const { sample } = config
      if (sample !== 'off') {
        const seeded = await seed({ vault: app.vault, config, size: sample, say, now: new Date() })
        // The record's own commits wait for the disk, and with them everything that was committed before.
        if (seeded) await app.ledger.settle()
      }
      say('Starting the identity provider …')
      idp = await startIdp({
        databaseUrl: database.url,
        port: idpPort,
        consoleUrl: config.publicUrl,
        log: (message) => log.warn(message),
      }).catch((error: NodeJS.ErrnoException) => {
        throw told(error, config)
      })
    },
    welcome: [
      '',
      `Sallyport answers at ${config.publicUrl}`,
      '',
      'Sign in as',
      ...names,
      '',
      'An API token for scripts: npm run --silent token ada',
      'Ctrl-C closes it; the data stays.',
      '',
    ].join('\n'),
    async close(): Promise<void> {
      await idp?.close()
      await database.stop()
    },
  }
}

function told(error: NodeJS.ErrnoException, { oidc: { issuer } }: Config): Error {
  if (error.code !== 'EADDRINUSE') return error
  return new Error(
    `The identity provider needs ${issuer}, and something else listens there. Set PORT to another number.`,
    { cause: error },
  )
}

/** With another PORT the identity provider has another name, and the people of the data folder are still the same. */
async function moveIdentities({ db }: App, { oidc: { issuer } }: Config): Promise<void> {
  const elsewhere = await db
    .selectFrom('person')
    .select('issuer')
    .where('issuer', '!=', issuer)
    .limit(1)
    .executeTakeFirst()
  if (!elsewhere) return
  await inTransaction(db, { readOnly: false }, async (tx, transaction) => {
    await tx.updateTable('person').set({ issuer }).where('issuer', 'is not', null).execute()
    emit(transaction, {
      actor: { kind: 'system', id: 'evaluation', name: 'Evaluation mode' },
      action: 'people.update',
      outcome: 'permitted',
      sentence: 'The evaluation identity provider listens on another port.',
      before: { issuer: elsewhere.issuer },
      after: { issuer },
    })
  })
}
