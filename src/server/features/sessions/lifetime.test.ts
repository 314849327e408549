import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inTransaction } from '../../db/transaction.ts'
import { newId } from '../../db/new-id.ts'
import { emit } from '../../ledger/emit.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'
import { expireSessions } from './service.ts'

let world: World
let ada: WorldPerson
beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
})
afterAll(() => world.close())

/** Moves a session's beginning, and its last use, so many minutes into the past. */
const age = (id: string, minutes: { begun: number; used?: number }) =>
  inTransaction(world.app.db, { readOnly: false }, async (db, transaction) => {
    await sql`update session set started_at = now() - make_interval(mins => ${minutes.begun})
      where id = ${id}`.execute(db)
    await sql`delete from session_seen where session_id = ${id}`.execute(db)
    if (minutes.used !== undefined) {
      await sql`insert into session_seen (session_id, at, ip)
        values (${id}, now() - make_interval(mins => ${minutes.used}), '127.0.0.1')`.execute(db)
    }
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'test' },
      action: 'sessions.start',
      outcome: 'permitted',
    })
  })
const me = (person: WorldPerson) => person.call('me.view', {})
const listed = async (id: string, ended = false) =>
  (await ada.call('sessions.list', { ended, limit: 200 })).items.find((one) => one.id === id)
const limits = () => world.config.session

test.each([
  ['not used for half an hour', { begun: 31 }, 'not used for 30 minutes'],
  ['used, and then not for half an hour', { begun: 200, used: 31 }, 'not used for 30 minutes'],
  ['older than half a day', { begun: 12 * 60 + 1, used: 0 }, 'begun more than 12 hours ago'],
])('a session %s is refused on its next request', async (_, minutes, reason) => {
  const sam = await world.as('sam')
  await age(sam.sessionId, minutes)
  const refusal = {
    code: 'session_expired',
    status: 401,
    message: `This session has ended: ${reason}. Sign in again.`,
  }
  await expect(me(sam)).rejects.toMatchObject(refusal)
  // Nor can the same sign-in begin it anew; another can.
  await expect(sam.call('sessions.start', {})).rejects.toMatchObject(refusal)
  await me(await world.as('sam'))
  // It is in no list of live sessions, and among the ended ones it says why, before anything tidied up and after.
  const expired = { state: 'expired', endReason: reason, revocable: false }
  expect(await listed(sam.sessionId)).toBeUndefined()
  const before = await listed(sam.sessionId, true)
  expect(before).toMatchObject(expired)
  await expireSessions(world.app.db, limits())
  expect(await listed(sam.sessionId, true)).toEqual(before)
  await expect(me(sam)).rejects.toMatchObject(refusal)
  const events = (await world.events()).filter(({ action }) => action === 'sessions.expire')
  expect(events.at(-1)).toMatchObject({
    actor: { kind: 'system' },
    outcome: 'permitted',
    resource: { kind: 'session', id: sam.sessionId },
    after: { ended: true, reason },
  })
})

test('a session in use goes on until its last minute, and says when it ends', async () => {
  const sam = await world.as('sam')
  await age(sam.sessionId, { begun: 12 * 60 - 2, used: 28 })
  await expireSessions(world.app.db, limits())
  await me(sam)
  const live = await listed(sam.sessionId)
  expect(live).toMatchObject({ state: 'live', revocable: true })
  const minutes = (Date.parse(live?.endsAt ?? '') - Date.now()) / 60_000
  expect(minutes).toBeGreaterThan(1)
  expect(minutes).toBeLessThan(2.1)
})

test('what a session that has expired asks is one refusal a minute in the record', async () => {
  const sam = await world.as('sam')
  await age(sam.sessionId, { begun: 60 })
  await Promise.allSettled([me(sam), me(sam), me(sam)])
  const refusals = (await world.events()).filter(
    ({ outcome, actor }) => outcome === 'denied' && actor.session === sam.sessionId,
  )
  expect(refusals.length).toBeGreaterThan(0)
  expect(refusals.length).toBeLessThan(3)
})

test('of two servers that tidy up at once each session is ended once', async () => {
  const people = await Promise.all(['ida', 'jon', 'kim'].map((name) => world.as(name)))
  for (const { sessionId } of people) await age(sessionId, { begun: 60 })
  await Promise.all([1, 2, 3].map(() => expireSessions(world.app.db, limits())))
  const ids = (await world.events())
    .filter(({ action }) => action === 'sessions.expire')
    .map(({ resource }) => resource?.id)
  for (const { sessionId } of people) {
    expect(ids.filter((id) => id === sessionId)).toHaveLength(1)
  }
})

test('whoever is marked as having left is out at once and for good: sessions and API tokens end', async () => {
  const lou = await world.as('lou', { sid: newId() })
  await world.grant(lou, 'developer')
  const { token, id: tokenId } = await lou.call('apiTokens.create', {
    name: 'nightly',
    roleId: (await ada.call('roles.list', { search: 'Developer' })).items[0]?.id ?? '',
    expiresInDays: 1,
    allowSensitive: false,
  })
  const byToken = () => world.ask('/api/v1/me', { headers: { authorization: `Bearer ${token}` } })
  expect((await byToken()).status).toBe(200)
  const mark = async (state: 'left' | 'active') => {
    const { version } = await ada.call('people.view', { personId: lou.id })
    return ada.call('people.update', { personId: lou.id, state }, { version })
  }
  await mark('left')
  await expect(me(lou)).rejects.toMatchObject({ code: 'session_revoked' })
  expect((await byToken()).status).toBe(401)
  expect(await listed(lou.sessionId, true)).toMatchObject({
    state: 'ended',
    endReason: 'Lou has left',
    endedBy: { name: 'Ada' },
  })
  const tokens = await ada.call('apiTokens.list', { everyone: true })
  expect(tokens.items.find(({ id }) => id === tokenId)).toMatchObject({ state: 'revoked' })
  const actions = (await world.events())
    .filter(({ actor }) => actor.id === ada.id)
    .map(({ action }) => action)
  expect(actions).toEqual(expect.arrayContaining(['sessions.revoke', 'apiTokens.revoke']))
  // What they were granted stays, to be found and revoked.
  const { items } = await ada.call('grants.list', { person: lou.id })
  expect(items).toMatchObject([{ state: 'live', role: { name: 'Developer' } }])
  // To return is to sign in anew: nothing that was ended comes back.
  await mark('active')
  await expect(me(lou)).rejects.toMatchObject({ code: 'session_revoked' })
  expect((await byToken()).status).toBe(401)
  await me(await world.as('lou'))
})

test('whoever is no longer to be trusted is cut off everywhere at once, by themselves or by who may', async () => {
  const mo = await world.as('mo')
  const elsewhere = await world.as('mo', { sid: newId() })
  const role = (await ada.call('roles.list', { search: 'Developer' })).items[0]?.id ?? ''
  await world.grant(mo, 'developer')
  const make = () =>
    mo.call('apiTokens.create', {
      name: 'n',
      roleId: role,
      expiresInDays: 1,
      allowSensitive: false,
    })
  const kept = await make()
  const byToken = (token: string) =>
    world.ask('/api/v1/me', { headers: { authorization: `Bearer ${token}` } })
  // One's own, but the one that asks; a token is left where nothing is said of it.
  expect(await mo.call('sessions.revokeAll', { person: mo.id })).toEqual({
    sessions: 1,
    apiTokens: 0,
  })
  await me(mo)
  await expect(me(elsewhere)).rejects.toMatchObject({ code: 'session_revoked' })
  expect((await byToken(kept.token)).status).toBe(200)
  // Of others only with the permissions, and of nobody is learnt without them.
  const lee = await world.as('lee')
  for (const person of [mo.id, newId()]) {
    await expect(lee.call('sessions.revokeAll', { person })).rejects.toMatchObject({
      code: 'forbidden',
    })
  }
  await expect(ada.call('sessions.revokeAll', { person: newId() })).rejects.toMatchObject({
    code: 'not_found',
  })
  const narrow = await ada.call('roles.create', {
    name: 'Night watch',
    description: '',
    permissions: ['session:view', 'session:revoke'],
  })
  await world.grant(lee, narrow)
  const both = { person: mo.id, apiTokens: true }
  await expect(lee.call('sessions.revokeAll', both)).rejects.toMatchObject({
    problem: { permission: 'apiToken:revoke' },
  })
  await me(mo)
  expect(await ada.call('sessions.revokeAll', both)).toEqual({ sessions: 1, apiTokens: 1 })
  await expect(me(mo)).rejects.toMatchObject({ code: 'session_revoked' })
  expect((await byToken(kept.token)).status).toBe(401)
  expect(await world.events()).toContainEqual(
    expect.objectContaining({
      action: 'sessions.revokeAll',
      actor: expect.objectContaining({ id: ada.id }),
      resource: expect.objectContaining({ kind: 'person', id: mo.id }),
      detail: { sessions: 1, apiTokens: 1 },
    }),
  )
  // To sign in anew is a session of its own.
  await me(await world.as('mo', { sid: newId() }))
})
