import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../contract/index.ts'
import { dpopProof } from '../testing/issuer.ts'
import { openWorld, type World, type WorldPerson } from '../testing/world.ts'

let world: World
let ada: WorldPerson
let sam: WorldPerson

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  sam = await world.as('sam')
})
afterAll(() => world.close())

const contextName = () => `context-${randomUUID().slice(0, 8)}`
const newContext = () => ada.call('contexts.create', { name: contextName(), description: '' })

test('whoever proves without a nonce is told one and may ask again: neither is a refusal in the record (P21)', async () => {
  const path = '/api/v1/contexts'
  const before = (await world.events()).length
  const asking = {
    method: 'POST',
    url: `${world.publicUrl}${path}`,
    accessToken: ada.accessToken,
  }
  const send = async (nonce?: string) =>
    world.ask(path, {
      method: 'POST',
      headers: {
        authorization: `DPoP ${ada.accessToken}`,
        dpop: await dpopProof(ada.key, { ...asking, ...(nonce && { nonce }) }),
      },
      body: { name: contextName(), description: '' },
    })
  const asked = await send()
  expect(asked).toMatchObject({ status: 401, body: { code: 'use_dpop_nonce' } })
  expect(asked.headers['www-authenticate']).toContain('error="use_dpop_nonce"')
  expect((await send(String(asked.headers['dpop-nonce']))).status).toBe(201)
  const actions = (await world.events())
    .slice(before)
    .map(({ action, outcome }) => [action, outcome])
  expect(actions).toEqual([['contexts.create', 'permitted']])
  // Every answer brings the next one, whatever it says.
  for (const { headers } of [
    await ada.send(path),
    await world.ask(path),
    await world.ask('/api/v1/nowhere'),
  ])
    expect(headers['dpop-nonce']).toMatch(/^[\w-]{32}$/)
})

describe('a change', () => {
  test('is answered, and is one event with its decision in the same transaction', async () => {
    const name = contextName()
    const made = await ada.call('contexts.create', { name, description: 'For the door' })
    const event = await world.lastEvent()
    expect(event).toMatchObject({
      action: 'contexts.create',
      outcome: 'permitted',
      actor: { kind: 'person', id: ada.id, session: ada.sessionId },
      resource: { kind: 'context', id: made.id, name },
      after: { name },
    })
    const decision = await world.app.db
      .selectFrom('decision')
      .select(['action', 'outcome'])
      .where('eventId', '=', event?.eventId ?? '')
      .executeTakeFirst()
    expect(decision).toEqual({ action: 'context:create', outcome: 'permitted' })
  })

  test('that is refused changes nothing, names the missing permission, and is an event', async () => {
    const name = contextName()
    await expect(sam.call('contexts.create', { name, description: '' })).rejects.toMatchObject({
      code: 'forbidden',
      problem: { permission: 'context:create' },
      message: expect.stringContaining('Security admin'),
    })
    expect(await world.lastEvent()).toMatchObject({
      action: 'contexts.create',
      outcome: 'denied',
      actor: { id: sam.id },
    })
    const { items } = await ada.call('contexts.list', { q: name })
    expect(items).toEqual([])
  })

  test('of what one may not know of is 404, and the refusal is recorded all the same', async () => {
    const made = await newContext()
    await expect(sam.call('contexts.view', { contextId: made.id })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await world.lastEvent()).toMatchObject({ outcome: 'denied', resource: { id: made.id } })
  })
})

describe('bad input', () => {
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    ada.send('/api/v1/contexts', { method: 'POST', body, headers })

  test.each([
    ['an unknown field', { name: 'one', description: '', admin: true }, 400, 'invalid_input'],
    ['a wrong type', { name: 7, description: '' }, 400, 'invalid_input'],
    ['a control character', { name: 'one\u0007', description: '' }, 400, 'invalid_input'],
    ['an over-long name', { name: 'n'.repeat(5_000), description: '' }, 400, 'invalid_input'],
    ['malformed JSON', '{"name":', 400, 'invalid_json'],
    ['what is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 400, 'invalid_json'],
    ['deep nesting', '['.repeat(5_000), 400, 'invalid_json'],
    ['more than 1 MiB', `"${'x'.repeat(1_100_000)}"`, 413, 'too_large'],
  ])('%s is refused with a stable code', async (_, body, status, code) => {
    const before = (await world.events()).length
    const sent = await post(body)
    expect(sent).toMatchObject({
      status,
      body: { code, status, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    })
    // What is too large is cut before anybody is known.
    if (status === 413) return
    const after = await world.events()
    expect(after.slice(before)).toMatchObject([
      { action: 'contexts.create', outcome: 'failed', actor: { id: ada.id }, detail: { code } },
    ])
  })

  test.each([
    [
      'issuers',
      { url: 'ftp://ci.example' },
      'url',
      'must be the issuer’s address, without a query',
    ],
    ['contexts', { name: 'n'.repeat(5_000) }, 'name', 'must be at most 200 characters long'],
    ['contexts', {}, 'name', 'is missing'],
    ['contexts', { name: 7 }, 'name', 'must be of type string'],
    ['contexts', { name: null }, 'name', 'must be of type string'],
    ['requests', { durationMinutes: 1.5 }, 'durationMinutes', 'must be a whole number'],
    ['requests', { durationMinutes: '60' }, 'durationMinutes', 'must be of type number'],
    ['requests', {}, 'durationMinutes', 'is missing'],
    ['grants', { subject: { kind: 'robot' } }, 'subject.kind', 'must be one of person, team'],
  ])('%s with %j says what %s must be', async (noun, body, path, message) => {
    const sent = await ada.send(`/api/v1/${noun}`, { method: 'POST', body })
    expect(sent.body).toMatchObject({ fields: expect.arrayContaining([{ path, message }]) })
  })

  test('a name in a path that is to be given is told what it must be; an id that is none is nowhere', async () => {
    const { id } = await ada.call('contexts.create', { name: 'named in a path' })
    const put = (path: string) =>
      ada.send(`/api/v1/contexts/${path}`, { method: 'PUT', body: { value: 'x' } })
    for (const name of ['1A', 'A-B', 'A%20B']) {
      expect(await put(`${id}/secrets/${name}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid_input', fields: [{ path: 'name' }] },
      })
    }
    expect(await put('no-id/secrets/1A')).toMatchObject({ status: 404 })
    const versions = await ada.send(`/api/v1/contexts/${id}/secrets/1A/versions`)
    expect(versions).toMatchObject({ status: 404 })
  })

  test('another media type, another method and another address have their own codes', async () => {
    const media = await post('name=one', { 'content-type': 'application/x-www-form-urlencoded' })
    expect(media).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
    const method = await ada.send('/api/v1/contexts', { method: 'DELETE' })
    expect(method).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } })
    expect(method.headers['allow']).toBe('GET, POST')
    expect(await ada.send('/api/v1/nothing')).toMatchObject({ status: 404 })
    expect(await ada.send('/api/v1/contexts/no-id')).toMatchObject({ status: 404 })
  })
})

describe('a lost race (P43)', () => {
  test('without a version 428, with an old one 412 and both versions, and nothing is lost', async () => {
    const made = await newContext()
    const change = (description: string, headers: Record<string, string>) =>
      ada.send(`/api/v1/contexts/${made.id}`, { method: 'PATCH', body: { description }, headers })
    expect(await change('a', {})).toMatchObject({ status: 428, body: { code: 'version_required' } })
    expect(await change('a', { 'if-match': 'W/"1"' })).toMatchObject({ status: 412 })
    const first = await change('first', { 'if-match': '"1"' })
    expect(first).toMatchObject({ status: 200, headers: { etag: '"2"' } })
    const late = await change('second', { 'if-match': '"1"' })
    expect(late).toMatchObject({ status: 412, body: { code: 'stale', current: { version: 2 } } })
    const { description } = await ada.call('contexts.view', { contextId: made.id })
    expect(description).toBe('first')
  })
})

describe('a repeated request (P44)', () => {
  test('has one effect and the same answer, and another body under its key is refused', async () => {
    const key = randomUUID()
    const name = contextName()
    const send = (body: object) =>
      ada.send('/api/v1/contexts', { method: 'POST', body, headers: { 'idempotency-key': key } })
    const first = await send({ name, description: '' })
    const again = await send({ name, description: '' })
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.body).toEqual(first.body)
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(await send({ name: contextName(), description: '' })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_mismatch' },
    })
  })

  test('of what is shown once is not shown again', async () => {
    const key = randomUUID()
    const make = () =>
      ada.send('/api/v1/api-tokens', {
        method: 'POST',
        headers: { 'idempotency-key': key },
        body: {
          name: 'ci',
          roleId: '00000000-0000-7000-8000-000000000001',
          expiresInDays: 1,
          allowSensitive: false,
        },
      })
    expect((await make()).status).toBe(201)
    expect(await make()).toMatchObject({ status: 409, body: { code: 'already_delivered' } })
  })

  test('two at once have one effect', async () => {
    const key = randomUUID()
    const name = contextName()
    const sent = await Promise.all(
      Array.from({ length: 8 }, () =>
        ada.send('/api/v1/contexts', {
          method: 'POST',
          body: { name, description: '' },
          headers: { 'idempotency-key': key },
        }),
      ),
    )
    for (const { status } of sent) expect([201, 409]).toContain(status)
    expect(sent.filter(({ status }) => status === 201).length).toBeGreaterThan(0)
    const made = await world.app.db
      .selectFrom('context')
      .select('id')
      .where('name', '=', name)
      .execute()
    expect(made).toHaveLength(1)
  })
})

describe('revocation (P19)', () => {
  test('a revoked session and a revoked grant end with the very next request', async () => {
    const tim = await world.as('tim')
    await world.grant(tim, 'securityAdmin')
    await tim.call('contexts.list', {})
    const { items } = await ada.call('grants.list', { person: tim.id })
    await ada.call(
      'grants.revoke',
      { grantId: items[0]?.id ?? '', reason: 'over' },
      { version: items[0]?.version ?? 0 },
    )
    await expect(tim.call('contexts.list', {})).rejects.toMatchObject({ code: 'forbidden' })
    await ada.call('sessions.revoke', { sessionId: tim.sessionId })
    await expect(tim.call('me.view', {})).rejects.toMatchObject({ code: 'session_revoked' })
  })
})

describe('reading the record is recorded (P2)', () => {
  test('once a minute and person, in the transaction of the read', async () => {
    const noor = await world.as('noor')
    await world.grant(noor, 'auditor')
    for (let n = 0; n < 3; n++) await noor.call('audit.list', {})
    const reads = (await world.events()).filter(
      ({ action, actor }) => action === 'audit.list' && actor.id === noor.id,
    )
    expect(reads.length).toBeGreaterThanOrEqual(1)
    expect(reads.length).toBeLessThanOrEqual(2)
  })
})

test('the answers say how they may be used', async () => {
  const { headers } = await ada.send('/api/v1/me')
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
  })
})

test('what changes who holds access asks for a sign-in of the last five minutes', () => {
  const sensitive = operations().filter(({ spec }) => spec.stepUp)
  const changesAccess = [
    'contexts.importSecrets',
    'contexts.remove',
    'contexts.removeSecret',
    'contexts.rollback',
    'contexts.store',
    'grants.create',
    'grants.revoke',
    'grants.revokeMany',
    'grants.update',
    'people.erase',
    'people.import',
    'people.update',
    'roles.create',
    'roles.remove',
    'roles.update',
    'teams.update',
    'audit.export',
    'audit.exportLines',
    'policies.approveEnforcement',
    'policies.askEnforcement',
  ]
  expect(sensitive.map(({ id }): string => id)).toEqual(expect.arrayContaining(changesAccess))
})
