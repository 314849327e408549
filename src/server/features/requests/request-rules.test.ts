import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { requestLimits } from '../../../contract/request-limits.ts'
import type { AccessRequestDetail } from '../../../contract/requests.ts'
import { enforced } from '../../testing/enforced.ts'
import type { World, WorldPerson } from '../../testing/world.ts'
import { openRequests, type Requests } from '../../testing/requests.ts'

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

test('who owns what is asked for decides too, from the moment they do', async () => {
  const { items } = await ada.call('teams.list', {})
  const routing = items.find(({ name }) => name.toLowerCase() === 'routing')
  const owned = await ada.call('contexts.create', {
    name: 'routing-prod',
    segmentId: on.production.id,
    teamId: routing?.id ?? null,
  })
  const asked = await sam.call('requests.create', {
    roleId: builtInRoles.teamLead.id,
    scope: { kind: 'context', id: owned.id },
    reason: 'Helping out',
    durationMinutes: 60,
  })
  expect(asked.approvers).toContainEqual(
    expect.objectContaining({
      person: expect.objectContaining({ id: zoe.id }),
      because: expect.stringContaining('which owns routing-prod'),
    }),
  )
  expect(await on.approve(zoe, asked)).toMatchObject({ state: 'active' })
  await on.end(ada, asked)
  expect(await on.view(sam, asked)).toMatchObject({
    state: 'revoked',
    grant: { endedBy: { id: ada.id } },
  })
})

test('nobody grants what they do not hold: the lead’s word counts, and one who holds it must follow', async () => {
  const asked = await on.ask(sam)
  const half = await on.approve(max, asked)
  expect(half).toMatchObject({
    state: 'pending',
    steps: [
      { step: 'lead', needed: 1, given: 1 },
      { step: 'security', needed: 1, given: 0 },
    ],
    may: ['deny', 'askBack'],
    whyNot: expect.stringContaining('approved it'),
  })
  expect(half.grant).toBeUndefined()
  await expect(on.approve(max, half)).rejects.toMatchObject({ code: 'conflict' })
  expect(await on.approve(ada, half)).toMatchObject({ state: 'active' })
  await on.end(sam, asked)
})

test('steps are configured per role; an approval of the role as it was does not count for what it is now', async () => {
  const role = await ada.call('roles.create', {
    name: 'Hotfixer',
    description: '',
    permissions: ['secret:store'],
  })
  const rule = {
    requestable: true,
    maxMinutes: 120,
    leadApprovals: 1,
    securityApprovals: 1,
    answerMinutes: 60,
  }
  const set = (more: object, version: number, who = ada) =>
    who.call('requests.setRule', { roleId: role.id, ...rule, ...more }, { version })
  await expect(set({}, 0, lin)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(set({ leadApprovals: 0, securityApprovals: 0 }, 0)).rejects.toMatchObject({
    code: 'invalid_input',
  })
  expect(await set({ leadApprovals: 0 }, 0)).toMatchObject({ version: 1 })
  const forSecurity = await on.ask(sam, { role, minutes: 30 })
  expect((await on.view(lin, forSecurity)).whyNot).toBe('A security admin decides next.')
  await on.withdraw(sam, forSecurity)
  expect(await set({}, 1)).toMatchObject({ version: 2, rule })
  await expect(set({}, 0)).rejects.toMatchObject({ code: 'stale' })
  await expect(on.ask(sam, { role, minutes: 121 })).rejects.toMatchObject({
    code: 'invalid_input',
    problem: { fields: [{ path: 'durationMinutes' }] },
  })
  const asked = await on.ask(sam, { role, minutes: 30 })
  const first = await on.approve(lin, asked)
  expect(first).toMatchObject({ state: 'pending', whyNot: expect.stringContaining('approved it') })
  await ada.call(
    'roles.update',
    { roleId: role.id, permissions: ['secret:store', 'secret:delete'] },
    { version: role.version },
  )
  // Lin approved something smaller.
  const widened = await on.view(ada, asked)
  expect(widened.steps).toContainEqual({ step: 'lead', needed: 1, given: 0 })
  const anew = await on.approve(lin, await on.view(lin, asked))
  expect(await on.approve(ben, anew)).toMatchObject({ state: 'active' })
  await on.end(sam, asked)
  await set({ requestable: false }, 2)
  await expect(on.ask(sam, { role, minutes: 30 })).rejects.toMatchObject({ code: 'conflict' })
  // A role that goes leaves the requests for it behind, by its name.
  const { version } = await ada.call('roles.view', { roleId: role.id })
  await ada.call('roles.remove', { roleId: role.id }, { version })
  expect(await on.view(sam, asked)).toMatchObject({ role: { name: 'Hotfixer' } })
})

test('what waits follows the rule as it is now: no longer than its maximum, and not at all what cannot be asked for any more', async () => {
  const role = await ada.call('roles.create', {
    name: 'Rotator',
    description: '',
    permissions: ['secret:store'],
  })
  const rule = {
    requestable: true,
    maxMinutes: 480,
    leadApprovals: 1,
    securityApprovals: 0,
    answerMinutes: 60,
  }
  const set = (more: object, version: number) =>
    ada.call('requests.setRule', { roleId: role.id, ...rule, ...more }, { version })
  await set({}, 0)
  const asked = await on.ask(sam, { role, minutes: 480 })
  expect(asked.maxMinutes).toBe(480)
  await set({ maxMinutes: 60 }, 1)
  const shorter = await on.view(lin, asked)
  expect(shorter).toMatchObject({ maxMinutes: 60, may: expect.arrayContaining(['approve']) })
  const tooLong = {
    code: 'invalid_input',
    problem: {
      fields: [{ path: 'durationMinutes', message: 'must be at most 1 hour for Rotator' }],
    },
  }
  await expect(on.approve(lin, shorter)).rejects.toMatchObject(tooLong)
  const bySoMuch = on.approve(lin, shorter, { durationMinutes: 61 })
  await expect(bySoMuch).rejects.toMatchObject(tooLong)
  await set({ maxMinutes: 60, requestable: false }, 2)
  const closed = await on.view(lin, asked)
  expect(closed).toMatchObject({
    may: ['deny', 'askBack'],
    whyNot: 'Rotator cannot be asked for any more. Deny the request.',
  })
  const whatever = on.approve(lin, closed, { durationMinutes: 60 })
  await expect(whatever).rejects.toMatchObject({ code: 'conflict' })
  await set({ maxMinutes: 60 }, 3)
  const granted = await on.approve(lin, await on.view(lin, asked), { durationMinutes: 60 })
  expect(granted).toMatchObject({ state: 'active', durationMinutes: 60 })
  await on.end(sam, asked)
})

test('what is held already is not asked for; an extension begins where the old access ends', async () => {
  await expect(on.ask(sam, { role: builtInRoles.developer })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('without an end'),
  })
  const asked = await on.ask(sam, { minutes: 60 })
  await expect(on.ask(sam)).rejects.toMatchObject({ code: 'conflict' })
  await on.approve(lin, asked)
  await expect(on.ask(sam)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('extension'),
  })
  const more = await on.ask(sam, { minutes: 30, extends: asked.id })
  expect(more).toMatchObject({ extends: asked.id })
  const scheduled = await on.approve(lin, more)
  const { grant } = await on.view(sam, asked)
  expect(scheduled).toMatchObject({ state: 'scheduled', grant: { startsAt: grant?.expiresAt } })
  expect(await ada.call('grants.view', { grantId: scheduled.grant?.id ?? '' })).toMatchObject({
    state: 'scheduled',
  })
  await on.later(61)
  expect(await on.view(sam, asked)).toMatchObject({ state: 'expired' })
  expect(await on.view(sam, more)).toMatchObject({ state: 'active' })
  expect(await on.holds(sam, 'secret:store')).toBe(true)
  await on.later(30)
  expect(await on.view(sam, more)).toMatchObject({ state: 'expired' })
  expect(await on.holds(sam, 'secret:store')).toBe(false)
})

test('access that was ended before its time is not gone on with: what waits is not approved, what was does not begin', async () => {
  const revoke = async ({ grant }: AccessRequestDetail) => {
    const grantId = grant?.id ?? ''
    const { version } = await ada.call('grants.view', { grantId })
    await ada.call('grants.revoke', { grantId, reason: 'Taken over' }, { version })
  }
  const first = await on.approve(lin, await on.ask(sam, { minutes: 60 }))
  const waiting = await on.ask(sam, { minutes: 60, extends: first.id })
  await revoke(first)
  const seen = await on.view(lin, waiting)
  expect(seen).toMatchObject({
    may: ['deny', 'askBack'],
    whyNot:
      'The access that it goes on with was ended before its time. Deny the request: it can be asked for anew.',
  })
  await expect(on.approve(lin, seen)).rejects.toMatchObject({ code: 'conflict' })
  await on.deny(lin, seen)

  for (const end of [revoke, (request: AccessRequestDetail) => on.end(sam, request)]) {
    const before = await on.approve(lin, await on.ask(sam, { minutes: 60 }))
    const next = await on.ask(sam, { minutes: 60, extends: before.id })
    expect(await on.approve(lin, next)).toMatchObject({ state: 'scheduled' })
    await end(before)
    const after = await on.view(ada, next)
    expect(after).toMatchObject({ state: 'revoked', may: [] })
    const told = (await world.events()).filter(({ resource }) => resource?.id === after.grant?.id)
    expect(told.map(({ action }) => action)).toEqual(['grants.create', 'grants.revoke'])
  }
})

test('of access that is ended and gone on with at once, nothing comes back by itself', async () => {
  for (let nth = 0; nth < 10; nth++) {
    const first = await on.approve(lin, await on.ask(sam, { minutes: 60 }))
    const next = await on.ask(sam, { minutes: 60, extends: first.id })
    const grantId = first.grant?.id ?? ''
    const { version } = await ada.call('grants.view', { grantId })
    await Promise.allSettled([
      on.approve(lin, next),
      ada.call('grants.revoke', { grantId, reason: 'Taken over' }, { version }),
    ])
    expect(await on.view(ada, first)).toMatchObject({ state: 'revoked' })
    const left = await on.view(ada, next)
    expect(['revoked', 'pending']).toContain(left.state)
    if (left.state === 'pending') await on.deny(lin, left)
  }
})

test('access whose end is made sooner is not gone on with: what waits is not approved, what was does not begin', async () => {
  const endIn = async ({ grant }: AccessRequestDetail, minutes: number) => {
    const grantId = grant?.id ?? ''
    const { version } = await ada.call('grants.view', { grantId })
    const expiresAt = new Date(Date.now() + minutes * 60_000).toISOString()
    await ada.call('grants.update', { grantId, expiresAt }, { version })
  }
  const first = await on.approve(lin, await on.ask(sam, { minutes: 60 }))
  const scheduled = await on.approve(lin, await on.ask(sam, { minutes: 60, extends: first.id }))
  // The control: what is changed otherwise is gone on with.
  await endIn(first, 65)
  expect(await on.view(ada, scheduled)).toMatchObject({ state: 'scheduled' })
  await endIn(first, 30)
  expect(await on.view(ada, scheduled)).toMatchObject({ state: 'revoked' })
  const told = (await world.events()).filter(({ resource }) => resource?.id === scheduled.grant?.id)
  expect(told.map(({ action }) => action)).toEqual(['grants.create', 'grants.revoke'])

  const waiting = await on.ask(sam, { minutes: 60, extends: first.id })
  await endIn(first, 20)
  expect(await on.view(lin, waiting)).toMatchObject({
    may: ['deny', 'askBack'],
    whyNot: expect.stringContaining('was ended before its time'),
  })
  await on.deny(lin, await on.view(lin, waiting))
  await on.end(sam, first)
})

test('no more requests are open than may be, also of those that are made at once', async () => {
  const eager = await world.as('eager')
  await world.grant(eager, 'developer')
  const contexts = await Promise.all(
    Array.from({ length: requestLimits.open + 4 }, (_, nth) =>
      ada.call('contexts.create', { name: `many-${nth}`, segmentId: on.production.id }),
    ),
  )
  const asked = await Promise.allSettled(
    contexts.map(({ id }) =>
      eager.call('requests.create', {
        roleId: builtInRoles.teamLead.id,
        scope: { kind: 'context', id },
        reason: 'All of them',
        durationMinutes: 60,
      }),
    ),
  )
  const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  expect(refused).toHaveLength(4)
  for (const reason of refused) expect(reason).toMatchObject({ code: 'limit_reached' })
})

test('the approval of somebody who has left since does not count: another is needed', async () => {
  const going = await world.as('going')
  await world.grant(going, 'securityAdmin')
  const role = builtInRoles.securityAdmin
  const asked = await on.ask(zoe, { role, minutes: 60, scope: 'organization' })
  const counted = (given: number) => [{ step: 'security', needed: 2, given }]
  expect(await on.approve(going, asked)).toMatchObject({ steps: counted(1) })
  const { version } = await ada.call('people.view', { personId: going.id })
  await ada.call('people.update', { personId: going.id, state: 'left' }, { version })
  const seen = await on.view(ben, asked)
  expect(seen.steps).toEqual(counted(0))
  const first = await on.approve(ben, seen)
  expect(first).toMatchObject({ state: 'pending', steps: counted(1) })
  expect(await on.approve(ada, first)).toMatchObject({ state: 'active' })
  await on.end(zoe, asked)
})

test('an approval counts while whoever gave it may give it: taken from them, another is needed', async () => {
  const former = await world.as('former')
  const grantId = await world.grant(former, 'securityAdmin')
  const role = builtInRoles.securityAdmin
  const asked = await on.ask(zoe, { role, minutes: 60, scope: 'organization' })
  const bySecurity = (given: number) => [{ step: 'security', needed: 2, given }]
  expect(await on.approve(former, asked)).toMatchObject({ steps: bySecurity(1) })
  const { version } = await ada.call('grants.view', { grantId })
  await ada.call('grants.revoke', { grantId, reason: 'Not theirs' }, { version })
  const seen = await on.view(ben, asked)
  expect(seen.steps).toEqual(bySecurity(0))
  expect(await on.approve(ada, await on.approve(ben, seen))).toMatchObject({ state: 'active' })
  await on.end(zoe, asked)

  // A lead's word likewise, for as long as they lead whoever asks.
  const byLead = (given: number) => expect.arrayContaining([{ step: 'lead', needed: 1, given }])
  const half = await on.approve(max, await on.ask(sam))
  expect(half.steps).toEqual(byLead(1))
  await on.lead('payments', [lin])
  expect((await on.view(ada, half)).steps).toEqual(byLead(0))
  await on.lead('payments', [lin, max])
  const whole = await on.view(ada, half)
  expect(whole.steps).toEqual(byLead(1))
  expect(await on.approve(ada, whole)).toMatchObject({ state: 'active' })
  await on.end(sam, half)
})

test('a later start gives nothing before; and what has not begun can be ended', async () => {
  const startsAt = new Date(Date.now() + 3_600_000).toISOString()
  const asked = await on.ask(sam, { startsAt })
  const approved = await on.approve(lin, asked)
  expect(approved).toMatchObject({ state: 'scheduled', grant: { startsAt } })
  expect(await on.holds(sam, 'secret:store')).toBe(false)
  expect(await on.end(sam, asked)).toMatchObject({ state: 'revoked' })
  await on.later(61)
  expect(await on.holds(sam, 'secret:store')).toBe(false)
  const yesterday = new Date(Date.now() - 86_400_000).toISOString()
  await expect(on.ask(sam, { startsAt: yesterday })).rejects.toMatchObject({
    code: 'invalid_input',
  })
})

test('an approver makes smaller, never larger: shorter, and inside of what was asked for', async () => {
  const asked = await on.ask(sam, { scope: 'production', minutes: 60 })
  await expect(on.approve(lin, asked, { durationMinutes: 61 })).rejects.toMatchObject({
    code: 'invalid_input',
  })
  const elsewhere = { kind: 'segment', id: on.staging.id }
  await expect(on.approve(ada, asked, { scope: elsewhere })).rejects.toMatchObject({
    code: 'invalid_input',
    problem: { fields: [{ path: 'scope' }] },
  })
  await expect(on.approve(ada, asked, { scope: { kind: 'organization' } })).rejects.toMatchObject({
    code: 'invalid_input',
  })
  const narrowed = await on.approve(lin, asked, { scope: on.scoped('context') })
  expect(narrowed).toMatchObject({
    state: 'active',
    scope: { kind: 'context', id: on.context.id },
    asked: { scope: { kind: 'segment', id: on.production.id } },
  })
  await on.end(sam, asked)
})

test('an enforced policy about everything is no reason that a lead holds less; one about deciding is obeyed', async () => {
  const enforce = (name: string, text: string) => enforced([ada, ben], { name, text })
  await enforce('Never', 'forbid (principal, action, resource) when { context.weekday == 9 };')
  const asked = await on.ask(sam)
  expect(await on.approve(lin, asked)).toMatchObject({ state: 'active' })
  await on.end(sam, asked)
  await enforce(
    'Security decides on production',
    `forbid (principal in Sallyport::Team::"${on.payments.id}",
      action == Sallyport::Action::"request:approve",
      resource in Sallyport::Segment::"${on.production.id}");`,
  )
  const again = await on.ask(sam)
  const half = await on.approve(lin, again)
  expect(half).toMatchObject({ state: 'pending' })
  // A second lead, who holds all of it, is refused by the policy, and is told so.
  await world.grant(max, 'teamLead', { kind: 'segment', ...on.production })
  expect((await on.view(max, half)).whyNot).toBe(
    'Denied: policy “Security decides on production” forbids request:approve on context “prod”. Somebody who can must approve.',
  )
  expect(await on.approve(ada, half)).toMatchObject({ state: 'active' })
  await on.end(sam, again)
})
