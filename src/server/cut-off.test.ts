import { connect as connectSocket, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { openWorld, type WorldPerson } from './testing/world.ts'

/* Revocation holds on every server (P19), and a server that is cut off from the database lets nobody in. */

/** A wire to the database that can be cut as a firewall cuts it: nothing arrives, and nobody is told. */
async function openWire(databaseUrl: string) {
  const { hostname, port } = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let cut = false
  const server = createServer((client) => {
    const upstream = connectSocket(Number(port || 5432), hostname)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => void (cut || to.write(bytes)))
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    cut: (now: boolean) => {
      cut = now
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((closed) => server.close(closed))
    },
  }
}

test('what is revoked on one server is refused by the other at once, and by one that is cut off in any case', async () => {
  await using world = await openWorld()
  const wire = await openWire(world.databaseUrl)
  const other = await world.another(wire.url)
  const at = async (who: WorldPerson, method: 'GET' | 'PUT', path: string) =>
    other.fastify.inject({
      method,
      url: path,
      headers: {
        ...(await who.headers(method, path)),
        ...(method === 'PUT' && { 'content-type': 'application/json' }),
      },
      ...(method === 'PUT' && { payload: '{"value":"x"}' }),
    })
  const ada = await world.as('ada')
  const people: WorldPerson[] = []
  for (const name of ['ann', 'bob', 'cid', 'dee']) {
    const person = await world.as(name)
    await world.grant(person, 'securityAdmin')
    people.push(person)
  }
  const [ann, bob, cid, dee] = people as [WorldPerson, WorldPerson, WorldPerson, WorldPerson]
  const { id } = await ada.call('contexts.create', { name: 'cut' })
  const secret = `/api/v1/contexts/${id}/secrets/KEY`
  const code = (answer: { json: () => unknown }) => (answer.json() as { code: string }).code
  for (const one of people) expect((await at(one, 'PUT', secret)).statusCode).toBe(200)

  await ada.call('sessions.revoke', { sessionId: ann.sessionId })
  expect(code(await at(ann, 'PUT', secret))).toBe('session_revoked')
  const { version } = await ada.call('people.view', { personId: bob.id })
  await ada.call('people.update', { personId: bob.id, state: 'left' }, { version })
  expect((await at(bob, 'PUT', secret)).statusCode).toBe(401)
  const { items } = await ada.call('grants.list', { person: cid.id })
  const grant = items[0]
  await ada.call('grants.revoke', { grantId: grant?.id ?? '' }, { version: grant?.version ?? 0 })
  expect((await at(cid, 'PUT', secret)).statusCode).toBe(404)

  wire.cut(true)
  await ada.call('sessions.revoke', { sessionId: dee.sessionId })
  const answers = await Promise.all([
    at(dee, 'PUT', secret),
    at(dee, 'GET', '/api/v1/contexts'),
    at(ada, 'PUT', secret),
    at(ada, 'GET', '/api/v1/audit'),
    other.fastify.inject({ url: '/readyz' }),
  ])
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([503, 503, 503, 503, 503])
  expect(answers.slice(0, 4).map(code)).toEqual(Array.from({ length: 4 }, () => 'unavailable'))
  // The control: the server that is not cut off goes on, and this one does as soon as it hears again.
  expect((await ada.send('/api/v1/contexts')).status).toBe(200)
  wire.cut(false)
  await expect.poll(async () => (await at(ada, 'GET', '/api/v1/me')).statusCode).toBe(200)
  expect(code(await at(dee, 'PUT', secret))).toBe('session_revoked')
  await other.close()
  await wire.close()
})
