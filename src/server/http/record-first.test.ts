import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../contract/index.ts'
import { connect, type Database } from '../db/connect.ts'
import { changing, openChanges, sendChange, stateOf } from '../testing/changes.ts'
import { openPipeline } from '../testing/pipeline.ts'
import { openWorld, type Sent, type World, type WorldPerson } from '../testing/world.ts'

/*
 * Nothing is told before its event is durable (P2): while the record takes no event, every operation that changes or
 * discloses something answers 503 and not one byte more than that.
 */

let world: World
let owner: Database
let changes: Awaited<ReturnType<typeof openChanges>>
let noor: WorldPerson
let eventId: string
let reviewId: string

beforeAll(async () => {
  world = await openWorld()
  owner = connect(world.databaseUrl, { max: 2 })
  changes = await openChanges(world)
  noor = await world.as('noor')
  await world.grant(noor, 'auditor')
  eventId = (await world.lastEvent())?.eventId ?? ''
  reviewId = (await changes.ready('reviews.decide')).path.split('/')[4] ?? ''
  await closeReview()
})

/** Of what is closed, and whose end is signed, alone there is proof. */
async function closeReview(): Promise<void> {
  const ada = await world.as('ada')
  const { items } = await ada.call('reviews.lines', { reviewId })
  const lines = items.map(({ id: lineId, version }) => ({ lineId, version }))
  const answer = { decision: 'keep', justification: 'for a test' } as const
  await ada.call('reviews.decideMany', { reviewId, lines, ...answer })
  const { version } = await ada.call('reviews.view', { reviewId })
  await ada.call('reviews.signOff', { reviewId }, { version })
  await world.app.reviews.settled()
  await world.app.ledger.settle()
}
afterAll(async () => {
  await owner.destroy()
  await world.close()
})

/** Ways in which the record takes no event, each with its end. */
const blocks: Readonly<Record<string, () => Promise<() => Promise<unknown>>>> = {
  async 'its grant is revoked'() {
    await sql`revoke insert on audit_queue from sallyport_app`.execute(owner)
    return () => sql`grant insert on audit_queue to sallyport_app`.execute(owner)
  },
  async 'a constraint refuses it'() {
    await sql`alter table audit_queue add constraint no_more check (false) not valid`.execute(owner)
    return () => sql`alter table audit_queue drop constraint no_more`.execute(owner)
  },
  async 'its disk is full'() {
    await sql`create function full_disk() returns trigger language plpgsql as $$ begin
      raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`.execute(
      owner,
    )
    await sql`create trigger full_disk before insert on audit_queue execute function full_disk()`.execute(
      owner,
    )
    return async () => {
      await sql`drop trigger full_disk on audit_queue`.execute(owner)
      await sql`drop function full_disk`.execute(owner)
    }
  },
}

/** What an answer tells beside that it cannot be given now: nothing is allowed. */
function toldBy({ status, headers, body }: Sent): string[] {
  const keys = ['code', 'requestId', 'status', 'title', 'type']
  const faults: string[] = []
  if (status !== 503) faults.push(`status ${status}`)
  if (!String(headers['content-type']).startsWith('application/problem+json')) {
    faults.push('no problem')
  }
  if (headers['retry-after'] === undefined) faults.push('no Retry-After')
  if (headers['etag'] !== undefined) faults.push('an ETag')
  const { code, title } = (body ?? {}) as Record<string, string>
  if (code !== 'unavailable') faults.push(`code ${code}`)
  if (!/^(The audit trail|The database) cannot take this now/.test(title ?? ''))
    faults.push('title')
  const found = typeof body === 'object' ? Object.keys(body ?? {}).toSorted() : ['no object']
  if (found.join() !== keys.join()) faults.push(`members ${found.join()}`)
  return faults
}

const queries: Readonly<Record<string, string>> = {
  'audit.consistency': '?first=1&second=2',
}
const reads = operations().filter(({ spec }) => spec.audits)

/** Somebody whose reads of this minute have no event yet. */
const newReader = async () => {
  const name = `reader-${crypto.randomUUID().slice(0, 8)}`
  const reader = await world.as(name)
  await world.grant(reader, 'auditor')
  const asked = { what: 'access', format: 'csv', query: {} } as const
  const { id: exportId } = await reader.call('exports.create', { asked })
  await world.app.exports.settled()
  return { ...reader, exportId }
}
const read = (who: WorldPerson & { exportId: string }, id: string, path: string) => {
  const at = path
    .replace(':eventId', eventId)
    .replace(':reviewId', reviewId)
    .replace(':exportId', who.exportId)
  return who.send(`/api/v1${at}${queries[id] ?? ''}`)
}

describe.each(Object.keys(blocks))('while the record takes nothing, since %s (P2)', (name) => {
  test('every read of evidence is 503 and tells nothing', async () => {
    const reader = await newReader()
    const release = await blocks[name]?.()
    const told: unknown[] = []
    for (const { id, spec } of reads) {
      const faults = toldBy(await read(reader, id, spec.path))
      if (faults.length > 0) told.push([id, faults])
    }
    await release?.()
    expect(told).toEqual([])
    // The control: the same requests are answered when the record takes their events.
    for (const { id, spec } of reads.filter((one) => !one.spec.stream)) {
      expect([id, (await read(reader, id, spec.path)).status]).toEqual([id, 200])
    }
  })

  test('a refusal that cannot be recorded is not told either', async () => {
    const sam = await world.as('sam')
    const ask = () => sam.send('/api/v1/grants', { method: 'GET' })
    const release = await blocks[name]?.()
    const sent = [await ask(), await world.ask('/api/v1/me', { headers: { authorization: 'x' } })]
    await release?.()
    expect(sent.map(toldBy)).toEqual([[], []])
    expect((await ask()).status).toBe(403)
  })
})

test('while the record takes nothing, every change is 503, is not done, and shows nothing that is shown once (P2)', async () => {
  const ready = []
  for (const { id } of changing) ready.push(await changes.ready(id))
  const before = await stateOf(owner)
  // What was not done stays ready: the same changes are sent whatever keeps the record from taking them.
  for (const [name, block] of Object.entries(blocks)) {
    const release = await block()
    const told: unknown[] = []
    for (const change of ready) {
      const faults = toldBy(await sendChange(change))
      if (faults.length > 0) told.push([change.id, faults])
    }
    await release()
    expect([name, told]).toEqual([name, []])
    expect([name, await stateOf(owner)]).toEqual([name, before])
  }
  // The control: what stood ready would have been done.
  for (const change of ready) {
    const { status } = await sendChange(change)
    expect([change.id, status < 300]).toEqual([change.id, true])
  }
  expect(await stateOf(owner)).not.toEqual(before)
})

test('a pipeline gets no lease and no secret whose event is not durable', async () => {
  await using pipeline = await openPipeline(world, changes.ada)
  const { access_token: lease } = await pipeline.lease()
  for (const block of Object.values(blocks)) {
    const release = await block()
    const sent = [await pipeline.exchange(), await pipeline.redeem(lease)]
    await release()
    for (const { status, body } of sent) {
      expect(status).toBe(503)
      expect(JSON.stringify(body)).not.toMatch(/sp_lease|access_token|API_KEY/)
    }
  }
  // The control: the same lease is redeemed, for its secrets, as soon as the record takes the event.
  const given = await pipeline.redeem(lease)
  expect(given).toMatchObject({ status: 200, body: { secrets: { EMPTY: '' } } })
})

test('a locked record is 503 as well, within the time that a lock is waited for', async () => {
  const reader = await newReader()
  const change = await changes.ready('apiTokens.create')
  await owner.transaction().execute(async (tx) => {
    await sql`lock table audit_queue in access exclusive mode`.execute(tx)
    const sent = await Promise.all([
      read(reader, 'audit.list', '/audit'),
      read(reader, 'audit.export', '/audit/export.csv'),
      sendChange(change),
    ])
    expect(sent.map(toldBy)).toEqual([[], [], []])
  })
  expect((await sendChange(change)).status).toBe(201)
})

test('negative control: a record that swallows events is found by this test', async () => {
  const reader = await newReader()
  await sql`create function swallow() returns trigger language plpgsql as $$ begin return null; end $$`.execute(
    owner,
  )
  await sql`create trigger swallow before insert on audit_queue for each row execute function swallow()`.execute(
    owner,
  )
  const sent = await read(reader, 'audit.list', '/audit')
  await sql`drop trigger swallow on audit_queue`.execute(owner)
  expect(sent.status).toBe(200)
  expect(toldBy(sent)).not.toEqual([])
  const events = await world.events()
  expect(
    events.filter(({ action, actor }) => actor.id === reader.id && action === 'audit.list'),
  ).toEqual([])
})
