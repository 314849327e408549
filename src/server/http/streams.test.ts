import { setTimeout as wait } from 'node:timers/promises'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../db/new-id.ts'
import { emitAll } from '../ledger/emit.ts'
import { recordSize } from '../ledger/size.ts'
import { openWorld, type World, type WorldPerson } from '../testing/world.ts'

/* Streams obey what is permitted over time (P41): on real sockets, with a second instead of the half minute of life. */

const standingMs = 1_000
let world: World
let ada: WorldPerson
let base: string

beforeAll(async () => {
  world = await openWorld({ timeouts: { standingMs } })
  ada = await world.as('ada')
  await world.app.fastify.listen({ host: '127.0.0.1', port: 0 })
  base = `http://127.0.0.1:${(world.app.fastify.server.address() as AddressInfo).port}`
})
afterAll(() => world.close())

type Reader = Pick<WorldPerson, 'headers'>

const path = '/api/v1/audit/tail'
const tailOf = async (who: Reader, lastEventId?: string) =>
  fetch(base + path, {
    headers: {
      ...(await who.headers('GET', path)),
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
  })

/** Reads until the server ends it: the ids that carry an event, and where to go on from. */
async function readWhole(response: Response) {
  const text = await response.text()
  const blocks = text.split('\n\n').filter((block) => block.startsWith('id: '))
  const idOf = (block: string) => Number(/^id: (\d+)/.exec(block)?.[1])
  return {
    seen: blocks.filter((block) => block.includes('\ndata: ')).map(idOf),
    last: blocks.length > 0 ? String(idOf(blocks.at(-1) as string)) : undefined,
  }
}

const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code

const auditor = async (name: string) => {
  const person = await world.as(name)
  const grantId = await world.grant(person, 'auditor')
  return { ...person, grantId }
}

describe('what permitted a stream goes, and the stream with it', () => {
  test('a session that is revoked while it is read', async () => {
    const reader = await auditor('revoked')
    const stream = await tailOf(reader)
    expect(stream.status).toBe(200)
    await ada.call('sessions.revoke', { sessionId: reader.sessionId })
    await readWhole(stream)
    const again = await tailOf(reader)
    expect([again.status, await codeOf(again)]).toEqual([401, 'session_revoked'])
  })

  test('a grant that is revoked while it is read', async () => {
    const reader = await auditor('ungranted')
    const stream = await tailOf(reader)
    const { items } = await ada.call('grants.list', { person: reader.id })
    expect(items.map(({ id }) => id)).toEqual([reader.grantId])
    await ada.call('grants.revoke', { grantId: reader.grantId }, { version: 1 })
    await readWhole(stream)
    const again = await tailOf(reader)
    expect([again.status, await codeOf(again)]).toEqual([403, 'forbidden'])
  })

  test('a token that expires while it is read', async () => {
    const short = await world.browser({
      sub: 'ada',
      email: 'ada@meridian.example',
      name: 'Ada',
      // Eight seconds: clocks may differ by half a minute.
      claims: { exp: Math.floor(Date.now() / 1000) - 22 },
    })
    await short.call('sessions.start', {})
    const stream = await tailOf(short)
    expect(stream.status).toBe(200)
    await readWhole(stream)
    // Its reader comes back with the same token, as long as it holds.
    let last = await tailOf(short)
    for (; last.status === 200; last = await tailOf(short)) await readWhole(last)
    expect([last.status, await codeOf(last)]).toEqual([401, 'invalid_token'])
  })

  test('the control: whoever still may is read to again', async () => {
    const reader = await auditor('kept')
    for (let at = 0; at < 3; at++) {
      const stream = await tailOf(reader)
      expect(stream.status).toBe(200)
      await readWhole(stream)
    }
  })
})

/** Comes back whenever the server ends the stream, until the event of this index has come. */
async function follow(reader: Reader, until: () => number, from?: string) {
  const seen: number[] = []
  let streams = 0
  for (let last = from; (seen.at(-1) ?? -1) < until(); streams++) {
    const read = await readWhole(await tailOf(reader, last))
    seen.push(...read.seen)
    last = read.last ?? last
  }
  return { seen, streams }
}

const denseFrom = (first: number, length: number) => Array.from({ length }, (_, at) => first + at)

describe('whoever comes back', () => {
  const make = async (names: readonly string[]) => {
    for (const name of names) await ada.call('contexts.create', { name })
    return (await world.events()).length - 1
  }

  test('reads on without a gap and without anything twice, also where nothing had come before', async () => {
    const reader = await auditor('resuming')
    // A stream in which nothing happens says where it stood.
    const idle = await readWhole(await tailOf(reader))
    expect(idle.last).toBeDefined()
    let until = Infinity
    const reading = follow(reader, () => until, idle.last)
    // As many streams of another are begun and ended meanwhile.
    for (let at = 0; at < 4; at++) {
      await make([`resumed-${at}-a`, `resumed-${at}-b`])
      await readWhole(await tailOf(ada))
    }
    until = await make(['resumed-last'])
    const { seen, streams } = await reading
    expect(streams).toBeGreaterThan(2)
    expect(seen.length).toBeGreaterThan(8)
    expect(seen).toEqual(denseFrom(Number(idle.last) + 1, seen.length))
  })

  test('the control: without Last-Event-ID there are gaps', async () => {
    const reader = await auditor('forgetful')
    const from = await readWhole(await tailOf(reader))
    const until = await make(['missed'])
    const forgetful = await readWhole(await tailOf(reader))
    expect(forgetful.seen).toEqual([])
    const { seen } = await readWhole(await tailOf(reader, from.last))
    expect(seen).toContain(until)
  })
})

/* Last: the record grows by many megabytes. */
describe('readers that are many or slow', () => {
  test('a thousand idle streams cost little memory, and keep nobody from reading', async () => {
    // They last until the server goes.
    const own = await openWorld({ timeouts: { standingMs: 600_000 } })
    const lin = await own.as('ada')
    await own.app.fastify.listen({ host: '127.0.0.1', port: 0 })
    const { port } = own.app.fastify.server.address() as AddressInfo
    const tail = async (who: Reader) =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers: await who.headers('GET', path) })
    const follower = async (at: number): Promise<Reader> => {
      const name = `idle-${at}`
      const reader = await own.browser({ sub: name, email: `${name}@meridian.example`, name })
      const { person } = await reader.call('sessions.start', {})
      await own.grant(person, 'auditor')
      return reader
    }
    // Several at once: each reader begins with an event, which is told to all who follow already.
    const several = 10
    const readers: Reader[] = []
    while (readers.length < 200) {
      const some = Array.from({ length: several }, (_, nth) => follower(readers.length + nth))
      readers.push(...(await Promise.all(some)))
    }
    const before = process.memoryUsage().rss
    const streams: Response[] = []
    for (let at = 0; at < readers.length; at += several) {
      const some = readers
        .slice(at, at + several)
        .flatMap((reader) => Array(5).fill(reader) as Reader[])
      streams.push(...(await Promise.all(some.map(tail))))
    }
    const [first] = readers
    expect(first && (await tail(first)).status, 'a sixth of one person').toBe(429)
    expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]))
    expect(await lin.call('contexts.list', {})).toBeTruthy()
    // Both ends of every stream are in this process.
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024)
    const all = Promise.all(streams.map((stream) => stream.text()))
    // Long before kept connections would end by themselves, after 72 seconds.
    const closed = own.close().then(() => 'closed')
    expect(await Promise.race([closed, wait(30_000, 'kept open', { ref: false })])).toBe('closed')
    await all
  })

  test('one who does not read is waited for, not read ahead of: what was not taken is there on coming back', async () => {
    const many = 12_000
    const about = 'x'.repeat(4_000)
    const events = Array.from({ length: many }, () => ({
      event: {
        actor: { kind: 'system', id: newId(), name: 'many' },
        action: 'bulk.create',
        outcome: 'permitted' as const,
        sentence: about,
      },
      at: new Date(),
    }))
    const reader = await auditor('slow')
    const from = (await readWhole(await tailOf(reader))).last
    for (let at = 0; at < many; at += 2_000) {
      await emitAll(world.app.db, events.slice(at, at + 2_000))
    }
    await world.app.ledger.settle()
    const until = (await recordSize(world.app.db)) - 1
    const stream = await tailOf(reader, from)
    // Nothing is read before another's stream, which begins later, has ended.
    await readWhole(await tailOf(ada))
    const taken = await readWhole(stream).then(
      ({ seen }) => seen,
      () => [],
    )
    expect(taken.length).toBeLessThan(many)
    const last = taken.at(-1) ?? Number(from)
    const { seen } = await follow(reader, () => until, String(last))
    const all = [...taken, ...seen]
    expect(all.length).toBeGreaterThanOrEqual(many)
    expect(all).toEqual(denseFrom(Number(from) + 1, all.length))
  })
})
