import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { connect, type Db } from './db/connect.ts'
import { runningDatabase, startEmbedded } from './db/embedded.ts'
import { inTransaction } from './db/transaction.ts'
import { signInHeadless } from './dev/idp/headless.ts'
import { emit } from './ledger/emit.ts'
import { eventOf, type StoredEvent } from './ledger/entry.ts'
import { checkpointFile } from './ledger/publisher.ts'
import { verifierKeyFile } from './ledger/signing-key.ts'
import { verifyRecord } from './ledger/verify.ts'
import {
  databaseProcess,
  freePorts,
  startProcess,
  tokensOf,
  type ServerProcess,
} from './testing/server-process.ts'
import { cloneDatabase } from './testing/test-database.ts'

/*
 * P1b: what commits has its event, also when everything is killed under load. Changes are asked of the real process over
 * HTTP; what it stored is then compared with what it recorded, change by change.
 */

const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-p1b-'))
let server: ServerProcess | undefined
afterAll(async () => {
  server?.child.kill('SIGKILL')
  await server?.ended
  rmSync(dataDir, { recursive: true, force: true })
})

/** What is in one list and not in the other, each element as often as it is there. */
function differences(changed: readonly string[], recorded: readonly string[]) {
  const missing = (from: readonly string[], all: readonly string[]) => {
    const left = [...all]
    return from.filter((one) => {
      const at = left.indexOf(one)
      if (at >= 0) left.splice(at, 1)
      return at < 0
    })
  }
  return { unrecorded: missing(changed, recorded), unfounded: missing(recorded, changed) }
}

/** Every change of contexts and secrets that the tables hold: what was created, stored and updated, and how often. */
async function changesIn(db: Db): Promise<string[]> {
  const contexts = await db.selectFrom('context').select(['id', 'version']).execute()
  const secrets = await db
    .selectFrom('secretVersion')
    .innerJoin('secret', 'secret.id', 'secretVersion.secretId')
    .select(['secret.contextId', 'secret.name', 'secretVersion.version'])
    .execute()
  return [
    ...contexts.map(({ id }) => `create ${id}`),
    ...contexts.flatMap(({ id, version }) => Array(version - 1).fill(`update ${id}`) as string[]),
    ...secrets.map(({ contextId, name, version }) => `store ${contextId} ${name} ${version}`),
  ]
}

/** The same, as the record tells it. */
function changesOf(events: readonly StoredEvent[]): string[] {
  return events
    .filter(({ outcome }) => outcome === 'permitted')
    .flatMap(({ action, resource, context, detail }) => {
      if (action === 'contexts.create') return [`create ${resource?.id}`]
      if (action === 'contexts.update') return [`update ${resource?.id}`]
      if (action !== 'contexts.store') return []
      const { secret, version } = detail as { secret: string; version: number }
      return [`store ${context} ${secret} ${version}`]
    })
}

async function eventsIn(db: Db): Promise<StoredEvent[]> {
  const rows = await db.selectFrom('auditEntry').select('leaf').orderBy('leafIndex').execute()
  return rows.map(({ leaf }) => eventOf(leaf, []))
}

test('P1b: after kills of backends, server and database under load, changes = events, and nothing acknowledged is lost', async () => {
  const port = await freePorts()
  const start = async () => {
    server = startProcess({ dataDir, port, env: { LOG_LEVEL: 'fatal' } })
    if (!(await server.ready)) throw new Error(`the server did not start: ${server.output()}`)
    return server
  }
  let running = await start()
  const tokens = await tokensOf(signInHeadless, running.url, 8)

  const acknowledged: string[] = []
  const load = { on: true, unknown: 0, refused: 0 }
  let waiting: { at: number; go: () => void } | undefined
  /** Resolves when so many more changes have been acknowledged. */
  const more = (count: number) =>
    new Promise<void>((go) => {
      waiting = { at: acknowledged.length + count, go }
    })
  let up: Promise<unknown> = Promise.resolve()

  const writer = async (token: string, number: number) => {
    const ask = async (method: string, path: string, body: unknown, version?: number) => {
      await up
      try {
        const answer = await fetch(`${running.url}/api/v1${path}`, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            ...(version !== undefined && { 'if-match': `"${version}"` }),
          },
          body: JSON.stringify(body),
        })
        const told = (await answer.json()) as { id: string; currentVersion: number }
        if (answer.ok) return told
        load.refused++
        const seconds = Number(answer.headers.get('retry-after') ?? 0)
        if (answer.status === 429) await new Promise((go) => setTimeout(go, seconds * 1000))
      } catch {
        // The connection broke: whether it was stored is not known, and either is right.
        load.unknown++
      }
      return undefined
    }
    const done = (change: string) => {
      acknowledged.push(change)
      if (waiting && acknowledged.length >= waiting.at) waiting.go()
    }
    for (let at = 0; load.on; at++) {
      const name = `w${number}-${at}`
      const made = await ask('POST', '/contexts', { name, description: '' })
      if (!made) continue
      done(`create ${made.id}`)
      for (const value of ['one', 'two']) {
        const put = await ask('PUT', `/contexts/${made.id}/secrets/KEY`, { value })
        if (put) done(`store ${made.id} KEY ${put.currentVersion}`)
      }
      const changed = await ask('PATCH', `/contexts/${made.id}`, { description: name }, 1)
      if (changed) done(`update ${made.id}`)
    }
  }
  const writers = tokens.map(writer)

  const killBackends = async () => {
    const admin = connect(runningDatabase(dataDir) ?? '', { max: 1 })
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where pid <> pg_backend_pid() and backend_type = 'client backend'`.execute(admin)
    await admin.destroy()
  }
  const restart = (kill: () => void) => {
    up = (async () => {
      kill()
      running.child.kill('SIGKILL')
      await running.ended
      running = await start()
    })()
    return up
  }
  try {
    for (let round = 0; round < 5; round++) {
      await more(15)
      await killBackends()
    }
    await more(20)
    await restart(() => {})
    await more(20)
    // PostgreSQL's immediate shutdown: nothing is written any more, the next start replays its log.
    await restart(() => process.kill(databaseProcess(dataDir), 'SIGQUIT'))
    await more(20)
    await restart(() => process.kill(databaseProcess(dataDir), 'SIGKILL'))
    await more(20)
  } finally {
    load.on = false
    await Promise.all(writers)
  }
  running.child.kill('SIGTERM')
  expect({ code: await running.ended, said: running.output() }).toMatchObject({ code: 0 })

  const database = await startEmbedded({ dataDir })
  const db = connect(database.url, { max: 1 })
  try {
    const [changed, events] = [await changesIn(db), await eventsIn(db)]
    expect(differences(changed, changesOf(events))).toEqual({ unrecorded: [], unfounded: [] })
    // Every acknowledged change is there: acked ⊆ stored.
    expect(acknowledged.length).toBeGreaterThan(150)
    expect(differences(acknowledged, changed).unrecorded).toEqual([])
    expect(load.unknown + load.refused).toBeGreaterThan(0)
    const verdict = await verifyRecord(db, {
      pinnedKey: readFileSync(verifierKeyFile(dataDir), 'utf8').trim(),
      outside: readFileSync(checkpointFile(dataDir), 'utf8'),
    })
    expect(verdict).toMatchObject({ events: events.length, signed: events.length, pending: 0 })
    expect(verdict.fault).toBeUndefined()
    // The comparison is one: a lost change and a lost event would each be named.
    expect(differences(changed.slice(1), changesOf(events)).unfounded).toEqual([changed[0]])
    expect(differences(changed, changesOf(events.slice(0, -1))).unrecorded.length).toBe(
      changesOf(events.slice(-1)).length,
    )
  } finally {
    await db.destroy()
    await database.stop()
  }
})

test('negative control: whoever records in a second transaction loses events to a killed backend (P1b)', async () => {
  const url = await cloneDatabase()
  const owner = connect(url, { max: 2 })
  await sql`create table thing (id text primary key)`.execute(owner)
  await sql`grant insert, select on thing to sallyport_app`.execute(owner)
  const app = connect(url, { role: 'sallyport_app', max: 4 })
  const change = (id: string, tx: Db) => sql`insert into thing values (${id})`.execute(tx)
  const event = (id: string) => ({
    actor: { kind: 'system', id: 'test', name: 'test' },
    action: 'contexts.create',
    outcome: 'permitted' as const,
    resource: { kind: 'thing', id, name: id },
  })
  const killAll = () =>
    sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(owner)
  const careless = async (id: string, killed: boolean) => {
    await inTransaction(app, { readOnly: false }, (tx) => change(id, tx))
    await inTransaction(app, { readOnly: false }, async (_, transaction) => {
      if (killed) await killAll()
      emit(transaction, event(id))
    })
  }
  const careful = (id: string, killed: boolean) =>
    inTransaction(app, { readOnly: false }, async (tx, transaction) => {
      await change(id, tx)
      if (killed) await killAll()
      emit(transaction, event(id))
    })
  const compared = async () => {
    const { rows } = await sql<{ id: string }>`select id from thing`.execute(owner)
    const queue = await owner.selectFrom('auditQueue').select('leaf').execute()
    return differences(
      rows.map(({ id }) => `create ${id}`),
      changesOf(queue.map(({ leaf }) => eventOf(leaf, []))),
    )
  }
  for (let at = 0; at < 6; at++) await careful(`good ${at}`, at % 3 === 1).catch(() => {})
  expect(await compared()).toEqual({ unrecorded: [], unfounded: [] })
  for (let at = 0; at < 6; at++) await careless(`bad ${at}`, at % 3 === 1).catch(() => {})
  expect(await compared()).toEqual({ unrecorded: ['create bad 1', 'create bad 4'], unfounded: [] })
  await Promise.all([owner.destroy(), app.destroy()])
})
