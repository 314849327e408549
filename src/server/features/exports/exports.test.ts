import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CallOf } from '../../../contract/index.ts'
import { openArchive } from '../../../proof/archive.ts'
import { verifyPack } from '../../../proof/verify-pack.ts'
import { connect, type Database } from '../../db/connect.ts'
import { emitAll } from '../../ledger/emit.ts'
import { openPast, past, type Past } from '../../testing/past.ts'
import type { WorldPerson } from '../../testing/world.ts'
import { verifierKey } from '../audit/service.ts'
import { expireExports } from './service.ts'

type Asked = CallOf<'exports.create'>['asked']

let there: Past
let owner: Database
let noor: WorldPerson
let url: string
let pinnedKey: string

const expiredTitle = 'The file has expired. Export again.'
const nasty = ['=1+1', '+1', '-1', '@sum', '\t=1', 'a"b', 'one,two', 'one\r\ntwo']

beforeAll(async () => {
  there = await openPast()
  const { world } = there
  owner = connect(world.databaseUrl, { max: 2 })
  noor = await world.as('noor')
  await world.grant(noor, 'auditor')
  const happened = (action: string, name: string) => ({
    at: new Date(),
    event: {
      actor: { kind: 'person', id: 'lin', name },
      action,
      outcome: 'permitted' as const,
      resource: { kind: 'context', id: name, name },
      detail: 'x'.repeat(2_000),
    },
  })
  for (let at = 0; at < 3_000; at += 500) {
    await emitAll(
      world.app.db,
      Array.from({ length: 500 }, (_, offset) => happened('bulk.create', `bulk ${at + offset}`)),
    )
    await world.app.ledger.settle()
  }
  await emitAll(
    world.app.db,
    nasty.map((name) => happened('nasty.create', name)),
  )
  await world.app.ledger.settle()
  await world.app.fastify.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(world.app.fastify.server.address() as AddressInfo).port}`
  pinnedKey = await verifierKey(world.dataDir)
})
afterAll(async () => {
  await owner.destroy()
  await there.close()
})

/** Asks for a file, and waits until it is made. */
async function make(who: WorldPerson, asked: Asked) {
  const { id: exportId } = await who.call('exports.create', { asked })
  await there.world.app.exports.settled()
  return who.call('exports.view', { exportId })
}

async function download(who: WorldPerson, exportId: string): Promise<Response> {
  const path = `/api/v1/exports/${exportId}/file`
  return fetch(`${url}${path}`, { headers: await who.headers('GET', path) })
}
const textOf = async (who: WorldPerson, exportId: string) => (await download(who, exportId)).text()
const linesOf = async (who: WorldPerson, exportId: string): Promise<unknown[]> =>
  (await textOf(who, exportId))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown)

describe('what is taken away', () => {
  test('events, as the direct export has them, whatever their number', async () => {
    for (const format of ['csv', 'ndjson'] as const) {
      const made = await make(noor, { what: 'audit', format, query: { q: 'noun:bulk' } })
      expect(made).toMatchObject({ state: 'done', done: 3_000, mine: true, fault: null })
      const [head, ...rows] = (await textOf(noor, made.id)).trimEnd().split(/\r?\n/)
      const direct = await noor.send(`/api/v1/audit/export.${format}?q=noun:bulk`)
      const [directHead, ...directRows] = String(direct.body).trimEnd().split(/\r?\n/)
      expect(head).toBe(directHead)
      expect(rows).toEqual(directRows)
    }
  })

  test('nothing, and one: a head and no rows; one line', async () => {
    const nothing = await make(noor, {
      what: 'audit',
      format: 'csv',
      query: { q: 'action:never.done' },
    })
    expect(nothing).toMatchObject({ state: 'done', done: 0 })
    expect(await textOf(noor, nothing.id)).toMatch(/^index,time,[^\n]*\r\n$/)
    const empty = await make(noor, { what: 'findings', format: 'ndjson', query: {} })
    expect(empty).toMatchObject({ state: 'done', done: 0, bytes: 0 })
    expect(await textOf(noor, empty.id)).toBe('')
    const one = await make(noor, {
      what: 'audit',
      format: 'ndjson',
      query: { q: 'action:nasty.create resource:@sum' },
    })
    expect(await linesOf(noor, one.id)).toHaveLength(1)
  })

  test('no cell is a formula (P35)', async () => {
    const { id } = await make(noor, {
      what: 'audit',
      format: 'csv',
      query: { q: 'action:nasty.create' },
    })
    const text = await textOf(noor, id)
    for (const name of ['=1+1', '+1', '-1', '@sum']) expect(text).toContain(`,"'${name}",`)
    expect(text).not.toMatch(/(^|,)"?[=+\-@]/m)
  })

  test('decisions and grants as their lists show them, of the moment at which they were asked for', async () => {
    const decisions = await make(noor, {
      what: 'decisions',
      format: 'ndjson',
      query: { action: 'context:use' },
    })
    const rows = (await linesOf(noor, decisions.id)) as { id: string }[]
    const { items } = await noor.call('decisions.list', { action: 'context:use', limit: 200 })
    expect(rows).toEqual(JSON.parse(JSON.stringify(items)))
    expect(rows).toHaveLength(past.runs)
    expect(decisions).toMatchObject({ done: past.runs, total: past.runs })

    const grants = await make(noor, { what: 'access', format: 'ndjson', query: { state: 'live' } })
    const listed = (await noor.call('grants.list', { limit: 200 })).items
    expect(((await linesOf(noor, grants.id)) as { id: string }[]).map(({ id }) => id)).toEqual(
      listed.map(({ id }) => id),
    )
    expect(grants).toMatchObject({ done: listed.length, total: listed.length })
    const csv = await make(noor, { what: 'access', format: 'csv', query: {} })
    expect(await textOf(noor, csv.id)).toContain(',Auditor,person,Noor,organization,')
  })

  test('an evidence pack, whole by the pinned key', async () => {
    const made = await make(noor, { what: 'evidence', format: 'zip', query: { q: 'noun:nasty' } })
    expect(made.total).toBe(made.done)
    const answer = await download(noor, made.id)
    expect(answer.headers.get('content-type')).toBe('application/zip')
    expect(answer.headers.get('content-disposition')).toMatch(/filename="evidence-.*\.zip"/)
    const verdict = await verifyPack(await openArchive(await answer.blob()), { pinnedKey })
    expect(verdict).toMatchObject({ faults: [], key: 'pinned', events: made.done })
    expect(verdict.manifest?.counts.whole).toBe(nasty.length)
    expect(verdict.manifest?.exportedBy).toMatchObject({ id: noor.id })
  })
})

describe('who may', () => {
  test('what one may not see is refused, with the permission named', async () => {
    const asked = { what: 'audit', format: 'csv', query: {} } as const
    await expect(there.lin.call('exports.create', { asked })).rejects.toMatchObject({
      code: 'forbidden',
      problem: { permission: 'audit:export' },
    })
    const wrong = { what: 'evidence', format: 'csv', query: {} } as never
    await expect(noor.call('exports.create', { asked: wrong })).rejects.toMatchObject({
      code: 'invalid_input',
    })
  })

  test('a lead’s file holds what the lead sees, and is nobody else’s', async () => {
    const made = await make(there.lin, {
      what: 'decisions',
      format: 'ndjson',
      query: { action: 'context:use' },
    })
    const rows = (await linesOf(there.lin, made.id)) as { project: { name: string } }[]
    expect(new Set(rows.map(({ project }) => project.name))).toEqual(new Set(['one']))
    expect(rows).toHaveLength(past.runs / 2)
    // Who reads the whole trail sees that it was taken, and by whom; not what.
    const seen = await noor.call('exports.view', { exportId: made.id })
    expect(seen).toMatchObject({ mine: false, createdBy: { name: 'Lin' } })
    expect((await download(noor, made.id)).status).toBe(403)
    await expect(noor.call('exports.cancel', { exportId: made.id })).rejects.toMatchObject({
      code: 'forbidden',
    })
    const others = await make(noor, { what: 'access', format: 'csv', query: {} })
    await expect(there.lin.call('exports.view', { exportId: others.id })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect((await there.lin.call('exports.list', {})).items.every(({ mine }) => mine)).toBe(true)
    expect(
      (await noor.call('exports.list', { which: 'mine' })).items.some(({ mine }) => !mine),
    ).toBe(false)
  })

  test('who holds less at the run gets no file; who holds less afterwards does not take it (P41)', async () => {
    const { world, ada, projects } = there
    const kim = await world.as('kim')
    const [one, two] = projects.map(({ id, name }) => ({ kind: 'project' as const, id, name }))
    await world.grant(kim, 'teamLead', one)
    const second = await world.grant(kim, 'teamLead', two)
    const asked = { what: 'decisions', format: 'csv', query: {} } as const
    const before = await make(kim, asked)
    const paused = await waiting(kim, asked)
    await ada.call('grants.revoke', { grantId: second }, { version: 1 })
    expect((await download(kim, before.id)).status).toBe(403)
    expect(await kim.call('exports.view', { exportId: before.id })).toMatchObject({
      state: 'done',
      fault: 'You may see less than when this file was made. Export again.',
      allowed: [],
    })
    // It goes on where it was, with other permissions than it began with.
    await go(paused)
    expect(await kim.call('exports.view', { exportId: paused })).toMatchObject({
      state: 'failed',
      fault: 'What may be seen has changed since it began. Export again.',
    })
    const fresh = await make(kim, asked)
    expect((await download(kim, fresh.id)).status).toBe(200)
    const left = await waiting(kim, asked)
    const { version } = await ada.call('people.view', { personId: kim.id })
    await ada.call('people.update', { personId: kim.id, state: 'left' }, { version })
    await go(left)
    const { state, fault } = await owner
      .selectFrom('export')
      .select(['state', 'fault'])
      .where('id', '=', left)
      .executeTakeFirstOrThrow()
    expect({ state, fault }).toEqual({
      state: 'failed',
      fault: 'Whoever asked for it does not hold decision:view any more.',
    })
  })
})

/** One that has a first piece and waits for the next, as after its server was killed. */
async function waiting(who: WorldPerson, asked: Asked): Promise<string> {
  const { id } = await make(who, asked)
  await sql`update export set state = 'failed', fault = 'x' where id = ${id}`.execute(owner)
  return id
}
async function go(id: string): Promise<void> {
  await sql`update export set state = 'waiting', place = coalesce(nullif(place, 'null'), '{}') where id = ${id}`.execute(
    owner,
  )
  await there.world.app.exports.settled()
}

test('who may end sessions stops anybody’s export that is not finished, in their own name', async () => {
  const { world, ada, lin } = there
  const made = await make(lin, { what: 'decisions', format: 'csv', query: {} })
  const as = (state: string) =>
    sql`update export set state = ${state}, run = gen_random_uuid(), progressed_at = now()
      where id = ${made.id}`.execute(owner)
  const allowedTo = async (who: WorldPerson) =>
    (await who.call('exports.view', { exportId: made.id })).allowed
  const cancel = (who: WorldPerson) => who.call('exports.cancel', { exportId: made.id })
  // What is there, or failed, is for whoever asked for it.
  for (const [state, allowed] of [
    ['done', ['download']],
    ['failed', ['resume', 'cancel']],
  ] as const) {
    await as(state)
    expect(await allowedTo(lin)).toEqual(allowed)
    expect(await allowedTo(ada)).toEqual([])
    await expect(cancel(ada)).rejects.toMatchObject({ code: 'conflict' })
  }
  // On a server that has not lost it.
  await as('running')
  expect(await allowedTo(lin)).toEqual(['cancel'])
  expect(await allowedTo(ada)).toEqual(['cancel'])
  // An auditor sees it, and changes nothing.
  expect(await allowedTo(noor)).toEqual([])
  await expect(cancel(noor)).rejects.toMatchObject({
    code: 'forbidden',
    problem: { permission: 'session:revoke' },
  })
  expect(await cancel(ada)).toMatchObject({
    state: 'cancelled',
    fault: 'Ada cancelled it.',
    allowed: [],
    mine: false,
  })
  expect(await world.lastEvent()).toMatchObject({
    action: 'exports.cancel',
    actor: { id: ada.id },
    resource: { kind: 'export', id: made.id, name: 'decisions as csv for Lin' },
    detail: { askedBy: { id: lin.id, name: 'Lin' } },
  })
  const { rows } = await sql`select from export_piece where export_id = ${made.id}`.execute(owner)
  expect(rows).toEqual([])
})

test('asking, taking, cancelling and the end of a week are events', async () => {
  const { world } = there
  const made = await make(noor, { what: 'access', format: 'csv', query: { state: 'any' } })
  const resource = { kind: 'export', id: made.id, name: 'access as csv for Noor' }
  expect(
    (await world.events()).findLast(({ action }) => action === 'exports.create'),
  ).toMatchObject({
    resource,
    actor: { id: noor.id },
    detail: { what: 'access', query: { state: 'any' } },
  })
  await textOf(noor, made.id)
  expect(await world.lastEvent()).toMatchObject({
    action: 'exports.download',
    resource,
    detail: { rows: made.done, bytes: made.bytes },
  })
  await expireExports(world.app.db)
  const view = () => noor.call('exports.view', { exportId: made.id })
  expect(await view()).toMatchObject({ state: 'done', allowed: ['download'] })
  // From then on, not from when it is swept.
  await sql`update export set expires_at = now() where id = ${made.id}`.execute(owner)
  expect(await view()).toMatchObject({ state: 'done', allowed: [] })
  const late = await download(noor, made.id)
  expect([late.status, await late.json()]).toMatchObject([404, { title: expiredTitle }])
  await Promise.all([expireExports(world.app.db), expireExports(owner)])
  const expired = (await world.events()).filter(({ action }) => action === 'exports.expire')
  expect(expired).toMatchObject([{ resource, actor: { kind: 'system' } }])
  expect(await view()).toMatchObject({ state: 'expired', allowed: [] })
  const swept = await download(noor, made.id)
  expect([swept.status, await swept.json()]).toMatchObject([404, { title: expiredTitle }])
  const { rows } = await sql`select from export_piece where export_id = ${made.id}`.execute(owner)
  expect(rows).toEqual([])
})
