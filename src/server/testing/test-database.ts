import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, type QueryResult } from 'pg'
import { startEmbedded } from '../db/embedded.ts'
import { migrate } from '../db/migrate.ts'

/** Where the workers of one test run find its server and template; set before they are forked. */
const urlVariable = 'SALLYPORT_TEST_SERVER'
const templateVariable = 'SALLYPORT_TEST_TEMPLATE'

export interface TestServer {
  stop(): Promise<void>
}

/**
 * One server for a whole run: the one that `TEST_DATABASE_URL` names, else an embedded one whose data nobody will miss.
 * Makes a migrated template, of which each test file takes a clone; at the end everything of the run is dropped.
 */
export async function startTestServer(): Promise<TestServer> {
  const given = process.env['TEST_DATABASE_URL']
  const folder = given ? undefined : mkdtempSync(join(tmpdir(), 'sallyport-test-'))
  const embedded = folder
    ? await startEmbedded({
        dataDir: folder,
        settings: {
          fsync: 'off',
          full_page_writes: 'off',
          synchronous_commit: 'off',
          // Worlds and whole processes of several test files at once, each with its pools.
          max_connections: '300',
        },
      })
    : undefined
  const url = given ?? embedded?.url ?? ''
  const template = `sallyport_test_${process.pid}_${randomBytes(4).toString('hex')}`
  const stop = async () => {
    if (given) await dropAll(url, template)
    await embedded?.stop()
    if (folder) rmSync(folder, { recursive: true, force: true })
  }
  try {
    await run(url, `create database ${template}`)
    await migrate(inDatabase(url, template))
  } catch (error) {
    await stop().catch(() => {})
    throw error
  }
  process.env[urlVariable] = url
  process.env[templateVariable] = template
  return { stop }
}

/** A database of one's own, migrated and otherwise empty: a clone of the run's template. Answers its URL. */
export async function cloneDatabase(): Promise<string> {
  const url = process.env[urlVariable]
  const template = process.env[templateVariable]
  if (!url || !template) throw new Error('startTestServer runs first (vitest: globalSetup)')
  const name = `${template}_${randomBytes(6).toString('hex')}`
  for (let attempt = 0; ; attempt++) {
    try {
      await run(url, `create database ${name} template ${template}`)
      return inDatabase(url, name)
    } catch (error) {
      // 55006: another clone is being taken at this moment.
      if ((error as { code?: string }).code !== '55006' || attempt > 20) throw error
    }
  }
}

/** An empty database, without a single table: for tests of the migrations themselves. */
export async function emptyDatabase(): Promise<string> {
  const url = process.env[urlVariable]
  const template = process.env[templateVariable]
  if (!url || !template) throw new Error('startTestServer runs first (vitest: globalSetup)')
  const name = `${template}_${randomBytes(6).toString('hex')}`
  await run(url, `create database ${name}`)
  return inDatabase(url, name)
}

const inDatabase = (url: string, name: string) => {
  const inside = new URL(url)
  inside.pathname = `/${name}`
  return inside.href
}

async function run(url: string, statement: string): Promise<QueryResult<{ datname: string }>> {
  const client = new Client({ connectionString: url, application_name: 'sallyport tests' })
  await client.connect()
  try {
    return await client.query<{ datname: string }>(statement)
  } finally {
    await client.end()
  }
}

async function dropAll(url: string, prefix: string): Promise<void> {
  const { rows } = await run(
    url,
    `select datname from pg_database where starts_with(datname, '${prefix}')`,
  )
  for (const { datname } of rows) await run(url, `drop database ${datname} with (force)`)
}
