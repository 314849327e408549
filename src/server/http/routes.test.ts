import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../contract/index.ts'
import { openWorld, type Sent, type World, type WorldPerson } from '../testing/world.ts'
import { demandDeclarations, type DeclaredRoute } from './declared.ts'

/* Deny by default (P13, P14): every address there is says what guards it, and refuses every stranger. */

let world: World
let ada: WorldPerson
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-console-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<html><head></head><body>console</body></html>')
  writeFileSync(join(folder, 'assets', 'main-1.js'), 'export {}')
  writeFileSync(join(folder, 'favicon.svg'), '<svg/>')
  world = await openWorld({ consoleFolder: folder })
  ada = await world.as('ada')
})
afterAll(async () => {
  await world.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Addresses that ask nobody who they are; each was looked at, and says nothing of what is stored. */
const open = [
  'GET /*',
  'GET /.well-known/jwks.json',
  'GET /.well-known/openid-configuration',
  'GET /api/docs',
  'GET /api/docs.css',
  'GET /api/v1/openapi.json',
  'GET /assets/main-1.js',
  'GET /favicon.svg',
  'GET /healthz',
  'GET /metrics',
  'GET /readyz',
  'HEAD /assets/main-1.js',
  'HEAD /favicon.svg',
  'POST /api/v1/csp-reports',
]
const publicOperations = ['system.version']

const guarded = () => world.app.routes.filter(({ operation }) => operation)

/** The router's own list, read from the radix tree that it prints. */
function printed(): string[] {
  const prefixes: string[] = []
  return world.app.fastify
    .printRoutes()
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', part = '', methods] =
        /^((?:[│ ] {3})*)[├└]── (\S*)(?: \(([^)]+)\))?$/.exec(line) ?? []
      const depth = indent.length / 4
      prefixes[depth] = part
      const url = prefixes.slice(0, depth + 1).join('')
      return methods?.split(', ').map((method) => `${method} ${url}`) ?? []
    })
    .toSorted()
}

describe('every route declares what guards it (P13)', () => {
  test('one that does not keeps the server from starting', async () => {
    const app = Fastify()
    demandDeclarations(app)
    app.get('/api/v1/forgotten', () => 'everything')
    await expect(app.ready()).rejects.toThrow('GET /api/v1/forgotten does not say which operation')
    // The control: the same route, said to be open, is served.
    const other = Fastify({ exposeHeadRoutes: false })
    const routes = demandDeclarations(other)
    other.get('/api/v1/known', { config: { open: 'for a test' } }, () => 'everything')
    await other.ready()
    expect(routes).toEqual([{ method: 'GET', url: '/api/v1/known', open: 'for a test' }])
  })

  test('also one that a plugin makes, and the HEAD that the framework adds by itself', async () => {
    for (const make of [
      (app: ReturnType<typeof Fastify>) =>
        app.register(
          async (inner: ReturnType<typeof Fastify>) => void inner.get('/inner', () => 'x'),
        ),
      (app: ReturnType<typeof Fastify>) =>
        app.get('/only-get', { exposeHeadRoute: true, config: {} }, () => 'x'),
    ]) {
      const app = Fastify({ exposeHeadRoutes: false })
      demandDeclarations(app)
      void make(app)
      await expect(app.ready()).rejects.toThrow('does not say which operation guards it')
    }
  })

  test('the routes that are declared are the routes that there are', () => {
    const declared = world.app.routes.map(({ method, url }) => `${method} ${url}`).toSorted()
    expect(declared).toEqual(printed())
    expect(declared.length).toBeGreaterThan(200)
  })

  test('every operation of the contract has one route, and only the reviewed ones are open', () => {
    expect(guarded().map(({ operation }) => operation)).toEqual(operations().map(({ id }) => id))
    const declared = operations().filter(({ spec }) => spec.may === 'public')
    expect(declared.map(({ id }) => id)).toEqual(publicOperations)
    const others = world.app.routes.filter(
      ({ operation, open: why }) => !operation && why !== 'names the methods that there are',
    )
    expect(others.map(({ method, url }) => `${method} ${url}`).toSorted()).toEqual(open)
  })
})

const pathOf = (url: string) =>
  url.replaceAll(/:(\w+)/g, (_, name: string) => (name === 'name' ? 'KEY' : randomUUID()))

/** Whom no route may know: what they send with a request. */
async function strangers() {
  const now = Math.floor(Date.now() / 1000)
  const sam = { sub: 'sam', email: 'sam@meridian.example', name: 'Sam' }
  await world.as('sam')
  const expired = await world.browser({ ...sam, claims: { exp: now - 600 } })
  const elsewhere = await world.browser({ ...sam, audience: 'http://localhost/other' })
  const impostor = await world.browser({ ...sam, claims: { iss: 'https://elsewhere.example' } })
  const idToken = await world.issuer.idToken({ ...sam, audience: world.issuer.audience })
  const revoked = await world.as('rex')
  await ada.call('sessions.revoke', { sessionId: revoked.sessionId })
  const bound = await world.as('bound')
  const bearer = (token: string) => (path: string, ask: object) =>
    world.ask(path, { ...ask, headers: { authorization: `Bearer ${token}` } })
  return {
    nobody: world.ask,
    expired: expired.send,
    'for another audience': elsewhere.send,
    'of another issuer': impostor.send,
    'with an ID token': bearer(idToken),
    'with a bound token as Bearer': bearer(bound.accessToken),
    'with an unknown API token': bearer(`sp_api_${'x'.repeat(43)}`),
    revoked: revoked.send,
  } satisfies Record<string, (path: string, ask: { method: string }) => Promise<Sent>>
}

describe('every route refuses every stranger (P14)', () => {
  test('whoever is not known is answered 401 by every operation, and it says nothing else', async () => {
    const seen: string[] = []
    const all = await strangers()
    for (const { method, url, operation = '' } of guarded()) {
      if (publicOperations.includes(operation)) continue
      const ask = { method, ...(method !== 'GET' && { body: {} }) }
      for (const [who, send] of Object.entries(all)) {
        const { status, body } = await send(pathOf(url), ask)
        const keys = Object.keys(body as object).toSorted()
        const told = keys.join() === 'code,requestId,status,title,type'
        // RFC 6749 §5.2: what is no token of a CI system makes the request invalid.
        const refusal = operation === 'leases.exchange' ? 400 : 401
        if (status !== refusal || (refusal === 401 && !told))
          seen.push(`${operation}: ${who}: ${status} ${keys.join()}`)
      }
    }
    expect(seen).toEqual([])
  })

  test('whoever holds nothing is told so, by every operation that asks for a permission', async () => {
    const empty = await world.as('newcomer')
    const seen: string[] = []
    for (const { id, spec } of operations()) {
      if (!spec.may.includes(':')) continue
      const ask = { method: spec.method, ...(spec.method !== 'GET' && { body: {} }) }
      const { status } = await empty.send(`/api/v1${pathOf(spec.path)}`, ask)
      // A path that names an object says only that there is none; what cannot be parsed says so.
      if (![400, 403, 404].includes(status)) seen.push(`${id}: ${status}`)
    }
    expect(seen).toEqual([])
  })

  test('HEAD, OPTIONS, TRACE and the methods that an address does not take do nothing, for anybody', async () => {
    const methods = ['HEAD', 'OPTIONS', 'TRACE', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE']
    const seen: string[] = []
    const addresses = new Map<string, DeclaredRoute[]>()
    for (const route of guarded()) {
      addresses.set(route.url, [...(addresses.get(route.url) ?? []), route])
    }
    for (const [url, routes] of addresses) {
      for (const method of methods) {
        if (routes.some((route) => route.method === method)) continue
        for (const send of [ada.send, world.ask]) {
          const { status, body } = await send(pathOf(url), { method })
          const keys = Object.keys(typeof body === 'object' ? (body ?? {}) : {}).length
          if (![404, 405].includes(status) || keys > 5) seen.push(`${method} ${url}: ${status}`)
        }
      }
    }
    expect(seen).toEqual([])
  })

  test('what is open says the same to everybody, and is no way to a file that is not the console', async () => {
    for (const one of open) {
      const [method = '', url = ''] = one.split(' ')
      if (method === 'POST' || url === '/metrics') continue
      const path = url === '/*' ? '/contexts' : url
      const [known, unknown] = [await ada.send(path, { method }), await world.ask(path, { method })]
      const said = ({ body }: Sent) =>
        JSON.stringify(body).replaceAll(/nonce=\\"[^"]+\\"|"sealer":"[^"]+"/g, '')
      expect([one, said(known)]).toEqual([one, said(unknown)])
    }
    for (const path of [
      '/..%2f..%2fetc/passwd',
      '/%2e%2e/package.json',
      '/assets/..%2findex.html',
    ]) {
      const { body } = await world.ask(path)
      expect(JSON.stringify(body)).not.toMatch(/root:|"dependencies"/)
    }
    expect(await world.ask('/assets/nothing.js')).toMatchObject({ status: 404 })
    expect(await world.ask('/api/v1/nothing')).toMatchObject({ status: 404 })
  })

  test('negative control: one who is known is answered, so the refusals above are of the stranger', async () => {
    const statuses = new Set<number>()
    for (const { method, url } of guarded()) {
      if (method !== 'GET' || url.includes(':') || url.endsWith('/tail')) continue
      statuses.add((await ada.send(url, { method })).status)
    }
    // 400 where a search param is wanted.
    expect(statuses).toEqual(new Set([200, 400]))
  })
})
