import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../contract/index.ts'
import { changing, openChanges, sendChange } from '../testing/changes.ts'
import type { TokenOptions } from '../testing/issuer.ts'
import { openWorld, type World, type WorldPerson } from '../testing/world.ts'

/* No input keeps its own event out (P3), through the door: whatever a header, a token or a path says, what was tried is told. */

const nasty = [
  'nul\u0000nul',
  'lone\ud800',
  'override\u202e',
  '\u001b[31m',
  'é'.repeat(30_000),
  '{"$gt":""}',
  "x'); drop table audit_queue; --",
]

let world: World
let sam: WorldPerson
beforeAll(async () => {
  world = await openWorld()
  sam = await world.as('sam')
})
afterAll(() => world.close())

describe('a refused attempt is one event', () => {
  test.each(nasty.map((text) => [text.slice(0, 20), text]))(
    'with %j in every header',
    async (_, text) => {
      const before = (await world.events()).length
      const sent = await sam.send('/api/v1/contexts', {
        method: 'POST',
        headers: { 'user-agent': text, 'x-forwarded-for': text, origin: text, 'if-match': text },
        body: { name: 'refused', description: '' },
      })
      expect(sent.status).toBe(403)
      const after = await world.events()
      expect(after.slice(before)).toMatchObject([
        { action: 'contexts.create', outcome: 'denied', actor: { id: sam.id } },
      ])
    },
  )

  test.each(nasty.map((text) => [text.slice(0, 20), text]))(
    'with %j in the body',
    async (_, text) => {
      const before = (await world.events()).length
      for (const body of [{ name: text, description: text }, { [text]: text }]) {
        const sent = await sam.send('/api/v1/contexts', { method: 'POST', body })
        expect([400, 403]).toContain(sent.status)
      }
      expect((await world.events()).slice(before)).toHaveLength(2)
    },
  )
})

const claims: readonly (readonly [string, (text: string) => Partial<TokenOptions>])[] = [
  ['sub', (sub) => ({ sub })],
  ['name', (name) => ({ name })],
  ['email', (email) => ({ email })],
  ['acr', (acr) => ({ acr })],
  ['amr', (one) => ({ amr: [one] })],
  ['sid', (sid) => ({ sid })],
  ['groups', (one) => ({ groups: [one] })],
  ['client_id', (client_id) => ({ claims: { client_id } })],
  ['auth_time', () => ({ authTime: 1e300 })],
  ['cnf', (jkt) => ({ jkt })],
]

describe('a sign-in whose token says odd things is carried out or refused, and told either way', () => {
  test.each(claims)('%s', async (_, token) => {
    for (const [at, text] of nasty.filter((one) => one.length < 8_000).entries()) {
      const before = (await world.events()).length
      const sub = `odd-${at}-${crypto.randomUUID()}`
      const who = await world.browser({
        sub,
        email: `${sub}@x.example`,
        name: 'Odd',
        ...token(text),
      })
      const { status } = await who.send('/api/v1/sessions', { method: 'POST', body: {} })
      expect([text, status < 500]).toEqual([text, true])
      const told = (await world.events()).slice(before)
      const starts = told.filter(({ action }) => action === 'sessions.start').length
      // Who cannot be known is folded to one event a minute and address.
      expect([text, status, starts]).toEqual([text, status, status === 401 ? told.length : 1])
      expect(told.length).toBeLessThan(2)
    }
  })

  test('the control: without an event for it, a sign-in would not be there', async () => {
    const before = (await world.events()).length
    const who = await world.as('plain')
    expect((await world.events()).slice(before)).toMatchObject([
      { action: 'sessions.start', actor: { id: who.id } },
    ])
  })
})

/* Last: what is told above is looked for in a record that is still short. */
test('no search param and no path of any operation is a failure of the server', async () => {
  const ada = await world.as('ada')
  const odd = [
    '%00',
    '%ff%fe',
    '%ED%A0%80',
    '%F0%9F',
    '%E2%80%AE',
    '%',
    '1e400',
    '-1',
    '[]',
    '%5B%7B',
  ]
  const failures: string[] = []
  let asked = 0
  for (const { spec } of operations().filter(({ spec: one }) => one.method === 'GET')) {
    if (spec.stream) continue
    for (const name of ['', ...Object.keys(spec.query?.shape ?? {})]) {
      if (!name && !spec.path.includes(':')) continue
      const ask = async (value: string) => {
        const url = `/api/v1${spec.path.replaceAll(/:(\w+)/g, value)}`
        const path = name ? `${url}?${name}=${value}` : url
        const { status } = await ada.send(path)
        asked++
        if (status >= 500) failures.push(`${path}: ${status}`)
      }
      await Promise.all(odd.map(ask))
    }
  }
  expect(failures).toEqual([])
  expect(asked).toBeGreaterThan(500)
})

test('no text in any body is a failure of the server, and each attempt is told', async () => {
  const changes = await openChanges(world)
  const failures: string[] = []
  for (const { id, spec } of changing) {
    if (!spec.body) continue
    const change = await changes.ready(id)
    for (const [name, value] of Object.entries(change.body ?? {})) {
      if (typeof value !== 'string') continue
      for (const odd of ['\u0000', '\ud800', `${value}\u0000`, '\u202e', 'x'.repeat(200_000)]) {
        const { status } = await sendChange(change, { body: { ...change.body, [name]: odd } })
        if (status >= 500)
          failures.push(`${id} ${name} ${JSON.stringify(odd.slice(0, 9))}: ${status}`)
      }
    }
  }
  const { ada } = changes
  const search = await ada.send('/api/v1/audit-views', {
    method: 'POST',
    body: { name: 'odd', search: { q: 'a\u0000b' } },
  })
  if (search.status >= 500) failures.push('audit view')
  expect(failures).toEqual([])
  const events = await world.events()
  expect(events.filter(({ outcome }) => outcome === 'failed').length).toBeGreaterThan(40)
})
