import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { App } from '../app.ts'
import type { Config } from '../config.ts'
import type { Provider } from '../../contract/projects.ts'
import { connect, type Db } from '../db/connect.ts'
import { startEmbedded } from '../db/embedded.ts'
import { inTransaction } from '../db/transaction.ts'
import { listeningFault } from '../listening.ts'
import { emit } from '../ledger/emit.ts'
import { checkpointFile } from '../ledger/publisher.ts'
import { ciIssuers, startCi } from './ci/ci.ts'
import type { CiProject } from './ci/claims.ts'
import { startIdp } from './idp/idp.ts'
import { seedSample, type SeedOptions } from './sample/seed.ts'
import { personas } from './personas.ts'

export interface EvaluationOptions {
  readonly config: Config
  /** Tells the person at the terminal what is being done. */
  readonly say: (line: string) => void
  readonly log: Logger
}

/** Where the CI systems of evaluation mode issue their tokens: on the port after the identity provider's. */
const ciOrigin = (config: Config) =>
  `http://localhost:${Number(new URL(config.oidc.issuer).port) + 1}`

/** Evaluation mode: a PostgreSQL of its own in the data folder, an identity provider on the next port, CI systems after it. */
export async function openEvaluation({ config, say, log }: EvaluationOptions) {
  say(`Starting PostgreSQL on ${config.dataDir} …`)
  const database = await startEmbedded({ dataDir: config.dataDir, log: say })
  const unfinished = join(config.dataDir, 'seeding')
  const idpPort = Number(new URL(config.oidc.issuer).port)
  const needed: readonly (readonly [string, string, number])[] = [
    ['The identity provider', config.oidc.issuer, idpPort],
    ['The CI systems', ciOrigin(config), idpPort + 1],
  ]
  for (const [what, where, port] of needed) {
    const taken = await listeningFault('localhost', port)
    if (!taken) continue
    await database.stop()
    throw told(taken, what, where)
  }
  // Nobody is served before the history is whole: what a cut-off start has left is nobody's.
  if (existsSync(unfinished)) {
    say('The first start was cut off while it seeded, so it begins anew …')
    await database.empty()
    rmSync(checkpointFile(config.dataDir), { force: true })
    rmSync(unfinished)
  }
  let idp: { close(): Promise<void> } | undefined
  let ci: { close(): Promise<void> } | undefined
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
      await moveCiSystems(app, config)
      const { sample } = config
      if (sample !== 'off') {
        const begins = () => writeFileSync(unfinished, '')
        const now = new Date()
        const seeded = await seed({ vault: app.vault, config, size: sample, say, begins, now })
        // The record's own commits wait for the disk, and with them everything that was committed before.
        if (seeded) await app.ledger.settle()
        rmSync(unfinished, { force: true })
      }
      say('Starting the identity provider …')
      idp = await startIdp({
        databaseUrl: database.url,
        port: idpPort,
        consoleUrl: config.publicUrl,
        log: (message) => log.warn(message),
      }).catch((error: NodeJS.ErrnoException) => {
        throw told(error, 'The identity provider', config.oidc.issuer)
      })
      ci = await startCi({
        port: idpPort + 1,
        audience: config.publicUrl,
        find: (provider, name) => ciProject(app.db, provider, name),
      }).catch((error: NodeJS.ErrnoException) => {
        throw told(error, 'The CI systems', ciOrigin(config))
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
      'A token as a CI job has it: npm run --silent ci-token -- circleci payment-gateway',
      'Ctrl-C closes it; the data stays.',
      '',
    ].join('\n'),
    async close(): Promise<void> {
      await idp?.close()
      await ci?.close()
      await database.stop()
    },
  }
}

function told(error: NodeJS.ErrnoException, what: string, where: string): Error {
  if (error.code !== 'EADDRINUSE') return error
  const sentence = `${what} ${what.endsWith('s') ? 'need' : 'needs'} ${where}, and something else listens there. Set PORT to another number.`
  return new Error(sentence, { cause: error })
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

/** A project as its CI system knows it; one that was never given an id there has none of its tokens. */
async function ciProject(db: Db, provider: Provider, name: string): Promise<CiProject | undefined> {
  const found = await db
    .selectFrom('project')
    .where('provider', '=', provider)
    .where((eb) =>
      eb.or([eb('name', '=', name), eb('slug', '=', name), eb('repository', '=', name)]),
    )
    .select(['name', 'provider', 'repository', 'externalId'])
    .executeTakeFirst()
  if (!found?.externalId) return undefined
  return { ...found, externalId: found.externalId }
}

/** Likewise for the CI systems of evaluation mode, which are trusted by their addresses. */
async function moveCiSystems({ db }: App, config: Config): Promise<void> {
  const issuers = ciIssuers(ciOrigin(config))
  const rows = await db.selectFrom('issuer').select(['id', 'name', 'kind', 'url']).execute()
  for (const { id, name, kind, url } of rows) {
    if (kind === 'other' || !isOurs(url, kind) || url === issuers[kind]) continue
    const moved = { url: issuers[kind], audience: config.publicUrl }
    await inTransaction(db, { readOnly: false }, async (tx, transaction) => {
      await tx.updateTable('issuer').set(moved).where('id', '=', id).execute()
      emit(transaction, {
        actor: { kind: 'system', id: 'evaluation', name: 'Evaluation mode' },
        action: 'issuers.update',
        outcome: 'permitted',
        resource: { kind: 'issuer', id, name },
        sentence: 'The CI systems of evaluation mode listen on another port.',
        before: { url },
        after: moved,
      })
    })
  }
}

const isOurs = (url: string, kind: Provider): boolean => {
  const { origin, hostname, protocol } = new URL(url)
  return protocol === 'http:' && hostname === 'localhost' && url === ciIssuers(origin)[kind]
}
