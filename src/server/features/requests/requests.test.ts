import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import type { App } from '../../app.ts'
import { inTransaction } from '../../db/transaction.ts'
import { emit } from '../../ledger/emit.ts'
import type { World, WorldPerson } from '../../testing/world.ts'
import { named, openRequests, type Requests } from '../../testing/requests.ts'
import { keepRequestsTime } from './service.ts'

let on: Requests
let world: World
let ada: WorldPerson
let ben: WorldPerson
let lin: WorldPerson
let max: WorldPerson
let sam: WorldPerson
let zoe: WorldPerson
beforeAll(async () => {
  on = await openRequests()
  ;({ world, ada, ben, lin, max, sam, zoe } = on)
})
afterAll(() => world.close())

test('a developer asks, a lead narrows and approves, the grant is there at once and ends by itself', async () => {
  expect(await on.holds(sam, 'secret:store')).toBe(false)
  const asked = await on.ask(sam)
  expect(asked).toMatchObject({
    state: 'pending',
    requester: { id: sam.id },
    ticket: 'PAY-42',
    steps: [{ step: 'lead', needed: 1, given: 0 }],
    may: ['withdraw'],
  })
  expect(asked.review).toBeUndefined()
  expect(asked.difference.gains).toContain('secret:store')
  expect(asked.difference.has).toContain('context:view')
  // From what is true now: who leads the team with what they hold, who decides everywhere, and never the requester.
  const eligible = asked.approvers.map(({ person, step, holds }) => [person.id, { step, holds }])
  expect(Object.fromEntries(eligible)).toEqual({
    [lin.id]: { step: 'lead', holds: true },
    [max.id]: { step: 'lead', holds: false },
    [ada.id]: { step: 'security', holds: true },
    [ben.id]: { step: 'security', holds: true },
  })
  const seen = await on.view(lin, asked)
  expect(seen.may).toEqual(['approve', 'deny', 'askBack'])
  expect(seen.review?.risk.level).not.toBe('low')
  expect(seen.review?.peers).toEqual({ people: 2, hold: 1, used: 0 })
  const approved = await on.approve(lin, seen, { durationMinutes: 60, reason: 'An hour is enough' })
  expect(approved).toMatchObject({
    state: 'active',
    durationMinutes: 60,
    asked: { durationMinutes: 240 },
    steps: [{ step: 'lead', needed: 1, given: 1 }],
  })
  expect(approved.history.map(({ kind }) => kind)).toEqual([
    'asked',
    'narrowed',
    'approved',
    'began',
  ])
  const grant = await ada.call('grants.view', { grantId: approved.grant?.id ?? '' })
  expect(grant).toMatchObject({
    state: 'live',
    role: { id: builtInRoles.teamLead.id },
    subject: { id: sam.id },
    scope: { kind: 'context', id: on.context.id },
    grantedBy: { id: lin.id },
  })
  expect(new Date(grant.expiresAt ?? 0).getTime() - new Date(grant.grantedAt).getTime()).toBe(
    60 * 60_000,
  )
  expect(await on.holds(sam, 'secret:store')).toBe(true)
  const events = await world.events()
  expect(events.find(({ action }) => action === 'requests.approve')).toMatchObject({
    actor: { id: lin.id },
    resource: { kind: 'request', id: asked.id },
    after: { state: 'approved', grant: grant.id },
  })
  expect(events.findLast(({ action }) => action === 'grants.create')).toMatchObject({
    resource: { kind: 'grant', id: grant.id },
    detail: { request: asked.id },
  })
  await on.later(61)
  expect(await on.holds(sam, 'secret:store')).toBe(false)
  expect(await on.view(sam, asked)).toMatchObject({ state: 'expired', may: [] })
  // Written down once, whichever server comes first.
  await Promise.all([keepRequestsTime(world.app.db), keepRequestsTime(world.app.db)])
  await keepRequestsTime(world.app.db)
  const told = (await world.events()).filter(({ resource }) => resource?.id === asked.id)
  expect(told.map(({ action }) => action)).toEqual([
    'requests.create',
    'requests.approve',
    'requests.finish',
  ])
  expect(told.at(-1)).toMatchObject({ after: { state: 'expired' } })
})

test('of two who decide at once one wins, the other is told, and there is one grant', async () => {
  const asked = await on.ask(sam)
  const sent = await Promise.allSettled([on.approve(lin, asked), on.approve(ada, asked)])
  expect(sent.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(sent.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'already_decided' },
  })
  const { items } = await ada.call('grants.list', { person: sam.id, scopeId: on.context.id })
  expect(items).toHaveLength(1)
  const again = await on.ask(sam, { scope: 'production' })
  const mixed = await Promise.allSettled([
    on.approve(lin, again),
    on.deny(ada, again),
    on.withdraw(sam, again),
  ])
  expect(mixed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const now = await on.view(sam, again)
  if (now.state === 'active') await on.end(sam, again)
  await on.end(sam, asked)
})

test('two servers on one database grant once, and write down once what the clock did', async () => {
  await using other = await world.another()
  const asked = await on.ask(sam, { minutes: 60 })
  const url = `/api/v1/requests/${asked.id}/approve`
  const approveOn = async (app: App, who: WorldPerson) => {
    const headers = { ...(await who.headers('POST', url)), 'if-match': '"1"' }
    const { statusCode } = await app.fastify.inject({ method: 'POST', url, headers, payload: {} })
    return statusCode
  }
  const sent = await Promise.all([approveOn(world.app, lin), approveOn(other, ben)])
  expect(sent.toSorted()).toEqual([200, 409])
  const granted = async () =>
    (await ada.call('grants.list', { person: sam.id, scopeId: on.context.id, state: 'any' })).items
  const before = await granted()
  expect(before.filter(({ state }) => state === 'live')).toHaveLength(1)
  await on.later(61)
  await Promise.all([keepRequestsTime(world.app.db), keepRequestsTime(other.db)])
  const told = (await world.events()).filter(({ resource }) => resource?.id === asked.id)
  expect(told.filter(({ action }) => action === 'requests.finish')).toHaveLength(1)
  expect(await granted()).toHaveLength(before.length)
})

test('nobody approves their own, twice, too late, or what they looked at before', async () => {
  const own = await on.ask(lin, {
    role: builtInRoles.securityAdmin,
    minutes: 60,
    scope: 'organization',
  })
  await expect(on.approve(lin, own)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(on.deny(lin, own)).rejects.toMatchObject({ code: 'forbidden' })
  // The database holds to it, whoever writes.
  await expect(
    inTransaction(world.app.db, { readOnly: false }, async (db, transaction) => {
      await sql`insert into request_step (id, request_id, requester_id, kind, step, role_version, person_id, at)
        values (gen_random_uuid(), ${own.id}, ${lin.id}, 'approved', 'lead', 1, ${lin.id}, now())`.execute(
        db,
      )
      emit(transaction, {
        actor: { kind: 'system', id: 'test', name: 'test' },
        action: 'test',
        outcome: 'permitted',
      })
    }),
  ).rejects.toMatchObject({ constraint: 'request_step_second_person_check' })
  await on.withdraw(lin, own)
  await expect(on.approve(ada, own)).rejects.toMatchObject({ code: 'already_decided' })

  const asked = await on.ask(sam)
  await on.approve(lin, asked)
  await expect(on.approve(lin, asked)).rejects.toMatchObject({ code: 'already_decided' })
  await expect(on.deny(ada, asked)).rejects.toMatchObject({ code: 'already_decided' })
  await on.end(sam, asked)
  expect(await on.view(sam, asked)).toMatchObject({
    state: 'revoked',
    grant: { endedBy: { id: sam.id } },
  })

  const late = await on.ask(sam)
  await on.later(3 * 24 * 60 + 1)
  expect(await on.view(lin, late)).toMatchObject({ state: 'lapsed', may: [] })
  await expect(on.approve(lin, late)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('lapsed'),
  })
  // Asking anew is possible before the lapse was written down; written down it is one event.
  const anew = await on.ask(sam)
  const id = named(anew)
  await lin.call('requests.askBack', { ...id, question: 'Which hotfix?' }, anew)
  await expect(on.approve(lin, anew)).rejects.toMatchObject({ code: 'stale' })
  await expect(on.withdraw(sam, anew)).rejects.toMatchObject({ code: 'stale' })
  await on.withdraw(sam, await on.view(sam, anew))
})

test('whoever has left is granted nothing, and who has nothing to do with a request does not see it', async () => {
  const gone = await world.as('gone', { groups: ['payments'] })
  await world.grant(gone, 'developer')
  const asked = await on.ask(gone)
  await expect(on.view(sam, asked)).rejects.toMatchObject({ code: 'not_found' })
  await expect(on.approve(sam, asked)).rejects.toMatchObject({ code: 'forbidden' })
  // Zoe may see requests there, and decides on nothing of another team.
  expect(await on.view(zoe, asked)).toMatchObject({
    may: [],
    whyNot: expect.stringContaining('Leads of Gone’s teams'),
  })
  await expect(on.approve(zoe, asked)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(on.deny(zoe, asked)).rejects.toMatchObject({ code: 'forbidden' })
  const { version } = await ada.call('people.view', { personId: gone.id })
  await ada.call('people.update', { personId: gone.id, state: 'left' }, { version })
  await expect(on.approve(lin, asked)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('has left'),
  })
  expect(await on.deny(lin, await on.view(lin, asked))).toMatchObject({ state: 'denied' })
})

test('asked back, answered, and decided with the answer before the eyes', async () => {
  const asked = await on.ask(sam)
  const id = named(asked)
  const back = await lin.call('requests.askBack', { ...id, question: 'Which hotfix?' }, asked)
  expect(back).toMatchObject({ state: 'asked_back' })
  expect((await lin.call('requests.list', { which: 'decide' })).items).toEqual([])
  const again = await on.view(sam, asked)
  expect(again.may).toEqual(['answer', 'withdraw'])
  await expect(
    lin.call('requests.answer', { ...id, answer: 'x' }, { version: again.version }),
  ).rejects.toMatchObject({ code: 'forbidden' })
  await sam.call('requests.answer', { ...id, answer: 'PAY-42' }, { version: again.version })
  const waiting = await lin.call('requests.list', { which: 'decide' })
  expect(waiting.items.map((one) => one.id)).toEqual([asked.id])
  const denied = await on.deny(lin, await on.view(lin, asked))
  expect(denied.history.map(({ kind, text }) => [kind, text])).toEqual([
    ['asked', 'Deploy of the hotfix'],
    ['asked_back', 'Which hotfix?'],
    ['answered', 'PAY-42'],
    ['denied', 'Not needed'],
  ])
})

test('lists show what is one’s own, what waits for one, and what one may see', async () => {
  const asked = await on.ask(sam)
  const listed = async (who: WorldPerson, which: 'mine' | 'decide' | 'all', more: object = {}) =>
    (await who.call('requests.list', { which, ...more })).items.map(({ id }) => id)
  expect(await listed(sam, 'mine', { state: 'open' })).toEqual([asked.id])
  expect(await listed(sam, 'decide')).toEqual([])
  for (const who of [lin, max, ada, ben]) expect(await listed(who, 'decide')).toEqual([asked.id])
  expect(await listed(zoe, 'decide')).toEqual([])
  expect(await listed(zoe, 'all')).toContain(asked.id)
  const stranger = await world.as('stranger')
  expect(await listed(stranger, 'all')).toEqual([])
  // Somebody without any role may still ask for one, in what everybody knows.
  const first = await stranger.call('requests.create', {
    roleId: builtInRoles.developer.id,
    scope: { kind: 'organization' },
    reason: 'My first day',
    durationMinutes: 480,
  })
  expect(first.approvers.map(({ person }) => person.id).toSorted()).toEqual(
    [ada.id, ben.id].toSorted(),
  )
  await expect(on.ask(stranger)).rejects.toMatchObject({ code: 'not_found' })
  expect(await on.approve(ben, first)).toMatchObject({ state: 'active' })
  const half = await on.approve(max, asked)
  expect(await listed(max, 'decide')).toEqual([])
  expect(await listed(ada, 'decide')).toEqual([asked.id])
  await on.withdraw(sam, half)
})
