import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CallOf } from '../../../contract/index.ts'
import { openArchive } from '../../../proof/archive.ts'
import { verifyPack } from '../../../proof/verify-pack.ts'
import { connect, type Database } from '../../db/connect.ts'
import { createCedar } from '../../decision/cedar.ts'
import { createPolicyStore } from '../../decision/policy-store.ts'
import { emitAll } from '../../ledger/emit.ts'
import { signingKeyOf } from '../../ledger/signing-key.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'
import { masterKeyOf } from '../../vault/master-key.ts'
import { verifierKey } from '../audit/service.ts'
import { createExportRunner } from './service.ts'
import { claimExport } from './store.ts'

/*
 * Several servers, one of which dies; a database without room. What is asked of a file at its end: each row once.
 */

const events = 10_000
const bytesEach = 400

let world: World
let owner: Database
let noor: WorldPerson
let url: string

const runner = async (db: Database, everyMs?: number) => {
  const key = signingKeyOf(masterKeyOf(world.config))
  const keys = { key, verifierKey: await verifierKey(world.dataDir) }
  return createExportRunner({
    db,
    policies: createPolicyStore(createCedar(() => {})),
    config: world.config,
    keys: () => Promise.resolve(keys),
    onError: () => {},
    ...(everyMs !== undefined && { everyMs }),
  })
}

beforeAll(async () => {
  world = await openWorld()
  owner = connect(world.databaseUrl, { max: 4 })
  noor = await world.as('noor')
  await world.grant(noor, 'auditor')
  for (let at = 0; at < events; at += 1_000) {
    await emitAll(
      world.app.db,
      Array.from({ length: 1_000 }, (_, offset) => ({
        at: new Date(),
        event: {
          actor: { kind: 'person', id: 'lin', name: 'Lin' },
          action: 'bulk.create',
          outcome: 'permitted' as const,
          resource: { kind: 'context', id: `bulk-${at + offset}`, name: `bulk ${at + offset}` },
          detail: 'x'.repeat(bytesEach),
        },
      })),
    )
    // Little at a time: the sealer works beside it, and neither waits long for the other.
    await world.app.ledger.settle()
  }
  await world.app.fastify.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(world.app.fastify.server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await owner.destroy()
  await world.close()
})

/** Holds every writing of a piece from the n-th on, or refuses it, until it is let go. */
async function atPiece(nth: number, does: string): Promise<void> {
  const body = sql.lit(`begin if new.nth >= ${nth} then ${does} end if; return new; end`)
  await sql`create function at_piece() returns trigger language plpgsql as ${body}`.execute(owner)
  await sql`create trigger at_piece before insert on export_piece
    for each row execute function at_piece()`.execute(owner)
}
const release = async () => {
  await sql`drop trigger if exists at_piece on export_piece`.execute(owner)
  await sql`drop function if exists at_piece`.execute(owner)
}
beforeEach(release)
afterEach(release)

const ask = async (asked: CallOf<'exports.create'>['asked']) =>
  (await noor.call('exports.create', { asked })).id
const view = (exportId: string) => noor.call('exports.view', { exportId })
async function until(exportId: string, holds: (row: Awaited<ReturnType<typeof view>>) => boolean) {
  await expect.poll(async () => holds(await view(exportId))).toBe(true)
}
async function download(exportId: string): Promise<Blob> {
  const path = `/api/v1/exports/${exportId}/file`
  const answer = await fetch(`${url}${path}`, { headers: await noor.headers('GET', path) })
  expect(answer.status).toBe(200)
  return answer.blob()
}

/** Which bulk events are in a file, in its order. */
async function namesIn(exportId: string): Promise<string[]> {
  const text = (await (await download(exportId)).text()).trimEnd()
  return text
    .split('\n')
    .map((line) => (JSON.parse(line) as { resource: { name: string } }).resource.name)
}
/** Every bulk event once, in their order. */
const whole = Array.from({ length: events }, (_, at) => `bulk ${events - 1 - at}`)

const lines = { what: 'audit', format: 'ndjson', query: { q: 'noun:bulk' } } as const

test('no room in the database: it fails with a sentence, keeps what was made, and goes on', async () => {
  await atPiece(3, `raise exception 'could not extend file' using errcode = '53100';`)
  const id = await ask(lines)
  await until(id, ({ state }) => state === 'failed')
  const failed = await view(id)
  expect(failed.fault).toMatch(/^The database has no room for the file/)
  expect(failed.done).toBeGreaterThan(0)
  expect(failed.done).toBeLessThan(events)
  await expect(noor.call('exports.download', { exportId: id })).rejects.toMatchObject({
    code: 'conflict',
  })
  await release()
  await noor.call('exports.resume', { exportId: id })
  await world.app.exports.settled()
  expect(await view(id)).toMatchObject({ state: 'done', done: events, fault: null })
  expect(await namesIn(id)).toEqual(whole)
  await expect(noor.call('exports.resume', { exportId: id })).rejects.toMatchObject({
    code: 'conflict',
  })
})

test('cancelled half-way it ends there, and nothing of it is left', async () => {
  await atPiece(2, `perform pg_sleep(0.2);`)
  const id = await ask(lines)
  await until(id, ({ done }) => done > 0)
  await noor.call('exports.cancel', { exportId: id })
  expect(await world.lastEvent()).toMatchObject({
    action: 'exports.cancel',
    resource: { kind: 'export', id },
  })
  await world.app.exports.settled()
  expect(await view(id)).toMatchObject({ state: 'cancelled' })
  const { rows } = await sql`select from export_piece where export_id = ${id}`.execute(owner)
  expect(rows).toEqual([])
  await expect(noor.call('exports.cancel', { exportId: id })).rejects.toMatchObject({
    code: 'conflict',
  })
})

test('several servers at one queue make each file once; one that was thought dead writes no more', async () => {
  const others = [connect(world.databaseUrl, { max: 2 }), connect(world.databaseUrl, { max: 2 })]
  const runners = await Promise.all(others.map((db) => runner(db, 10)))
  const ids = [await ask(lines), await ask(lines), await ask(lines)]
  await Promise.all(runners.map((one) => one.settled()))
  for (const each of ids) expect(await namesIn(each)).toEqual(whole)
  // A server that stood still for too long: another takes it over, and the first finds that out.
  await Promise.all(runners.map((one) => one.close()))
  await atPiece(2, `perform pg_sleep(1);`)
  const id = await ask(lines)
  await until(id, ({ done }) => done > 0)
  await sql`update export set progressed_at = now() - interval '2 minutes' where id = ${id}`.execute(
    owner,
  )
  const [db] = others
  if (!db) throw new Error('no second server')
  const second = await runner(db, 10)
  await release()
  await second.settled()
  await world.app.exports.settled()
  expect(await namesIn(id)).toEqual(whole)
  await second.close()
  await Promise.all(others.map((one) => one.destroy()))
})

test('an evidence pack is resumed at its last file, and is whole', async () => {
  await atPiece(4, `raise exception 'could not extend file' using errcode = '53100';`)
  const id = await ask({ what: 'evidence', format: 'zip', query: {} })
  await until(id, ({ state }) => state === 'failed')
  await release()
  await noor.call('exports.resume', { exportId: id })
  await world.app.exports.settled()
  const done = await view(id)
  expect(done).toMatchObject({ state: 'done', done: done.total })
  const verdict = await verifyPack(await openArchive(await download(id)), {
    pinnedKey: await verifierKey(world.dataDir),
  })
  expect(verdict).toMatchObject({ faults: [], events: done.total })
})

test('killed in the middle (kill -9), it is gone on with at the last piece by another server', async () => {
  await world.app.exports.close()
  const id = await ask(lines)
  // From the fifth piece on each takes so long that the process is killed while it writes.
  await atPiece(5, `perform pg_sleep(0.5);`)
  const maker = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../testing/export-maker.ts', import.meta.url))],
    {
      env: { ...process.env, DATABASE_URL: world.databaseUrl },
      stdio: 'ignore',
    },
  )
  const ended = once(maker, 'exit')
  const piecesOf = async () => {
    const { rows } = await sql<{ pieces: number; kept: number; done: number }>`
      select pieces, done, (select count(*)::int from export_piece where export_id = ${id}) as kept
      from export where id = ${id}`.execute(owner)
    return rows[0] ?? { pieces: 0, kept: 0, done: 0 }
  }
  await expect.poll(async () => (await piecesOf()).pieces).toBeGreaterThan(5)
  maker.kill('SIGKILL')
  await ended
  const left = await piecesOf()
  expect(left.kept).toBe(left.pieces)
  expect(left.done).toBeLessThan(events)
  expect(await view(id)).toMatchObject({ state: 'running' })
  await release()
  // Nobody takes it before it has stood still for a minute.
  const db = connect(world.databaseUrl, { max: 2 })
  const early = await runner(db, 10)
  await early.close()
  expect(await view(id)).toMatchObject({ state: 'running', done: left.done })
  await sql`update export set progressed_at = now() - interval '2 minutes' where id = ${id}`.execute(
    owner,
  )
  const second = await runner(db, 10)
  await second.settled()
  expect((await piecesOf()).pieces).toBeGreaterThan(left.pieces)
  expect(await namesIn(id)).toEqual(whole)
  await second.close()
  await db.destroy()
})

test('many claims at one moment: none has what another has', async () => {
  await sql`insert into export (id, what, format, query, bound, state, created_by, created_at, ip)
    select gen_random_uuid(), what, format, query, bound, 'waiting', created_by, now(), ip
    from export, generate_series(1, 3) where state = 'cancelled'`.execute(owner)
  const claims = await Promise.all(Array.from({ length: 8 }, () => claimExport(owner)))
  const ids = claims.flatMap((claimed) => claimed?.id ?? [])
  expect(ids.length).toBeGreaterThan(1)
  expect(new Set(ids).size).toBe(ids.length)
  await sql`update export set state = 'cancelled' where state in ('waiting', 'running')`.execute(
    owner,
  )
})
