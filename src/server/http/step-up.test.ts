import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changing, openChanges, sendChange } from '../testing/changes.ts'
import { dpopProof, type TokenOptions } from '../testing/issuer.ts'
import { openWorld, type World } from '../testing/world.ts'
import { anonymous } from './enter.ts'
import { demandFreshness } from './step-up.ts'

/* Step-up is fresh, strong enough, bound to one request, and asked for once (P29, RFC 9470). */

const strong = 'urn:example:hardware-key'
let world: World
let strict: World
let changes: Awaited<ReturnType<typeof openChanges>>
beforeAll(async () => {
  world = await openWorld()
  strict = await openWorld({ env: { STEP_UP_ACR: `${strong} urn:example:passkey` } })
  changes = await openChanges(world)
})
afterAll(async () => {
  await world.close()
  await strict.close()
})

const now = () => Math.floor(Date.now() / 1000)
const sensitive = changing.filter(({ spec }) => spec.stepUp)
const refused = { status: 401, body: { code: 'step_up_required' } }

describe('every sensitive operation, by a sign-in that is too old and by a fresh one', () => {
  test.each(sensitive.map(({ id }) => id))('%s', async (id) => {
    const change = await changes.ready(id)
    const name = change.who === changes.ben ? 'ben' : 'ada'
    const old = await world.as(name, { authTime: now() - 301 })
    const sent = await sendChange({ ...change, who: old })
    expect(sent).toMatchObject(refused)
    expect(sent.headers['www-authenticate']).toMatch(
      /^DPoP error="insufficient_user_authentication", error_description="[^"]+", max_age="300"$/,
    )
    // A second challenge for the same is the same: nothing that a client does wrong makes it weaker.
    expect(await sendChange({ ...change, who: old })).toMatchObject(refused)
    // The control: the same, just asked by somebody who signed in a moment ago.
    const { status } = await sendChange({ ...change, who: await world.as(name) })
    expect(status).toBeLessThan(300)
  })
})

const store = (place: World, token: Partial<TokenOptions>) => async () => {
  const ada = await place.as('ada')
  const { id } = await ada.call('contexts.create', { name: `at ${crypto.randomUUID()}` })
  const who = await place.as('ada', token)
  return who.send(`/api/v1/contexts/${id}/secrets/KEY`, { method: 'PUT', body: { value: 'x' } })
}

test('one second decides: at 300 s it is fresh, after that not any more; nor is what is yet to come', () => {
  const at = new Date('2026-11-25T12:00:00Z')
  const challenged = (secondsAgo: number) => {
    const authenticatedAt = new Date(at.getTime() - secondsAgo * 1000)
    try {
      demandFreshness({ ...anonymous, kind: 'person', authenticatedAt }, at, rules)
      return false
    } catch (error) {
      return (error as { code?: string }).code === 'step_up_required'
    }
  }
  const rules = { stepUpMaxAgeSeconds: 300 }
  expect([0, 299, 300, 300.001, 301].map(challenged)).toEqual([false, false, false, true, true])
  // Half a minute is what clocks may differ by, as for every other time in a token.
  expect([-29, -31, -3_600].map(challenged)).toEqual([false, true, true])
})

test('a provider that does not convey when is refused, and told so', async () => {
  const silent = await store(world, { authTime: null })()
  expect(silent).toMatchObject({
    status: 401,
    body: { title: expect.stringContaining('auth_time') },
  })
  const words = await store(world, { claims: { auth_time: 'just now' } })()
  expect(words).toMatchObject(refused)
})

describe('where a strength is wanted', () => {
  const wanted = new RegExp(`acr_values="${strong} urn:example:passkey"$`)
  test.each([
    ['a lower acr', { acr: 'urn:example:password' }],
    ['none', {}],
    ['one that begins alike', { acr: `${strong}-2` }],
    ['all of them in one', { acr: `${strong} urn:example:passkey` }],
    ['another case', { acr: strong.toUpperCase() }],
    ['a list', { claims: { acr: [strong] } }],
    ['the right one, too old', { acr: strong, authTime: now() - 400 }],
  ])('%s is challenged, and told what is wanted', async (_, token) => {
    const sent = await store(strict, token)()
    expect(sent).toMatchObject(refused)
    expect(sent.headers['www-authenticate']).toMatch(wanted)
  })
  test('each that is accepted passes, and what is not sensitive asks for none', async () => {
    for (const acr of [strong, 'urn:example:passkey']) {
      expect((await store(strict, { acr })()).status).toBe(200)
    }
    const weak = await strict.as('ada', { acr: 'urn:example:password' })
    expect((await weak.send('/api/v1/contexts')).status).toBe(200)
    // Negative control: the same weak sign-in passes where no strength is wanted.
    expect((await store(world, { acr: 'urn:example:password' })()).status).toBe(200)
  })
})

test('what was confirmed for one operation cannot be replayed to another, nor twice', async () => {
  const [one, other] = [
    await changes.ready('contexts.store'),
    await changes.ready('contexts.store'),
  ]
  const { ada } = changes
  const url = (path: string) => `${world.publicUrl}${path}`
  const proof = (method: string, path: string) =>
    dpopProof(ada.key, {
      method,
      url: url(path),
      accessToken: ada.accessToken,
      nonce: world.nonce(),
    })
  const send = (path: string, method: string, dpop: string) =>
    world.ask(path, {
      method,
      headers: { authorization: `DPoP ${ada.accessToken}`, dpop },
      ...(method === 'PUT' && { body: one.body }),
    })
  const made = await proof('PUT', one.path)
  expect(await send(other.path, 'PUT', made)).toMatchObject({ body: { code: 'invalid_proof' } })
  expect(await send(one.path, 'DELETE', made)).toMatchObject({ body: { code: 'invalid_proof' } })
  // The control: for what it was made, it is good once.
  expect((await send(one.path, 'PUT', made)).status).toBe(200)
  expect(await send(one.path, 'PUT', made)).toMatchObject({ body: { code: 'replayed_proof' } })
})
