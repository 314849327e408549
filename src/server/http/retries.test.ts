import { randomUUID } from 'node:crypto'
import { connect as connectSocket, createServer, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changing, openChanges, sendChange, stateOf, type Ready } from '../testing/changes.ts'
import { openWorld, type World } from '../testing/world.ts'

/*
 * A client that never got its answer may ask again (P44): the answer of each POST is dropped on the wire after it was
 * given, and so after its commit, and the request is sent once more under the same key.
 */

let world: World
let changes: Awaited<ReturnType<typeof openChanges>>
let wire: Awaited<ReturnType<typeof openLossyWire>>
beforeAll(async () => {
  world = await openWorld()
  changes = await openChanges(world)
  await world.app.fastify.listen({ host: '127.0.0.1', port: 0 })
  wire = await openLossyWire((world.app.fastify.server.address() as AddressInfo).port)
})
afterAll(async () => {
  await wire.close()
  await world.close()
})

/** A proxy that hands requests on and resets the client's connection when the first byte of an answer comes back. */
async function openLossyWire(port: number) {
  const lost: string[] = []
  const server = createServer((client) => {
    const upstream = connectSocket(port, '127.0.0.1')
    client.on('error', () => {})
    upstream.on('error', () => {})
    client.pipe(upstream)
    upstream.once('data', (chunk) => {
      lost.push(chunk.toString().split('\r\n')[0] ?? '')
      client.resetAndDestroy()
      upstream.destroy()
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The status lines of answers that nobody got. */
    lost,
    close: () => new Promise((closed) => server.close(closed)),
  }
}

async function sendAndLose(change: Ready, key: string): Promise<void> {
  const { who, path, spec, body, version } = change
  const sending = fetch(`${wire.url}${path}`, {
    method: spec.method,
    headers: {
      ...(await who.headers(spec.method, path)),
      'idempotency-key': key,
      ...(body && { 'content-type': 'application/json' }),
      ...(spec.ifMatch && { 'if-match': `"${version}"` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  await expect(sending).rejects.toThrow('fetch failed')
}

async function effects(action: string): Promise<number> {
  await world.app.ledger.settle()
  const { count } = await world.app.db
    .selectFrom('auditEntry')
    .where('action', '=', action)
    .where('outcome', '=', 'permitted')
    .select((select) => select.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

const posts = changing.filter(({ spec }) => spec.method === 'POST').map(({ id }) => id)

describe('an answer that was lost: asked again, there is one effect and the same answer (P44)', () => {
  test.each(posts)('%s', async (id) => {
    const change = await changes.ready(id)
    const key = randomUUID()
    const before = await effects(id)
    await sendAndLose(change, key)
    expect(wire.lost.at(-1)).toMatch(/^HTTP\/1\.1 20[014] /)
    const done = await stateOf(world.app.db)
    expect(await effects(id)).toBe(before + 1)

    const ask = () => sendChange(change, { headers: { 'idempotency-key': key } })
    const [again, third] = [await ask(), await ask()]
    expect(again.status < 300).toBe(!change.spec.revealsOnce)
    // What it showed once is not kept, so that it cannot be shown to anybody else.
    expect([again, third]).toMatchObject(
      change.spec.revealsOnce
        ? Array.from({ length: 2 }, () => ({ status: 409, body: { code: 'already_delivered' } }))
        : Array.from({ length: 2 }, () => ({
            status: again.status,
            headers: { 'idempotent-replayed': 'true' },
            body: again.body,
          })),
    )
    expect(await stateOf(world.app.db)).toEqual(done)
    expect(await effects(id)).toBe(before + 1)

    // Another request under the same key is none that was done.
    const other = await sendChange(change, {
      headers: { 'idempotency-key': key },
      body: { ...change.body, ...another(change) },
    })
    expect(other).toMatchObject(
      change.spec.body
        ? { status: 422, body: { code: 'idempotency_mismatch' } }
        : { status: 400, body: { code: 'invalid_input' } },
    )
    expect(await stateOf(world.app.db)).toEqual(done)
  })
})

/** A field of the body with another value that the schema takes. */
function another({ body = {} }: Ready): Record<string, unknown> {
  if (typeof body['decision'] === 'string') return { justification: 'another' }
  for (const name of ['name', 'reason', 'text', 'csv', 'question', 'answer']) {
    const value = body[name]
    if (typeof value === 'string') return { [name]: `${value} again` }
  }
  if (typeof body['expected'] === 'string') return { expected: 'denied' }
  if (typeof body['mode'] === 'string') {
    return { mode: body['mode'] === 'draft' ? 'evaluate' : 'draft' }
  }
  if (typeof body['version'] === 'number') return { version: body['version'] + 1 }
  if (typeof body['to'] === 'number') return { to: body['to'] + 1 }
  for (const flag of ['atOnce', 'apiTokens']) {
    if (typeof body[flag] === 'boolean') return { [flag]: !body[flag] }
  }
  if (body['which']) return { which: { all: true, reason: 'another' } }
  if (body['restriction']) return { restriction: { kind: 'expression', expression: 'true' } }
  return { reason: 'another' }
}

describe('negative control: without a key, the second is a second effect or is refused', () => {
  test.each(posts)('%s', async (id) => {
    const change = await changes.ready(id)
    const before = await effects(id)
    expect((await sendChange(change)).status).toBeLessThan(300)
    const again = await sendChange(change)
    expect(again.headers['idempotent-replayed']).toBeUndefined()
    const two = (await effects(id)) === before + 2
    expect([again.status, two]).toEqual([again.status, again.status < 300])
  })
})
