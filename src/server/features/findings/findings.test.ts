import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { connect } from '../../db/connect.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'
import { catalogue } from './catalogue.ts'
import { createFindingRunner } from './runner.ts'

const day = 86_400_000
const inDays = (days: number) => new Date(Date.now() + days * day)
const until = () => inDays(7).toISOString()

/** Heeds what was changed: everything of it is in the record first. */
async function heed(world: World) {
  await world.app.ledger.settle()
  await world.app.findings.look()
}

/** A context that no team owns, in a segment, with its finding. */
async function openOwnerless(world: World, ada: WorldPerson) {
  const segment = await ada.call('segments.create', {
    name: `segment ${randomUUID()}`,
    tier: 'build',
  })
  const context = await ada.call('contexts.create', {
    name: `context ${randomUUID()}`,
    segmentId: segment.id,
  })
  await heed(world)
  const of = { detection: 'context-without-owner', context: context.id }
  const finding = async () => {
    const { items } = await ada.call('findings.list', { ...of, state: 'any' })
    expect(items).toHaveLength(1)
    return items[0]!
  }
  const own = async () => {
    const teamId = (await ada.call('teams.list', {})).items[0]?.id ?? ''
    const { version } = await ada.call('contexts.view', { contextId: context.id })
    await ada.call('contexts.update', { contextId: context.id, teamId }, { version })
  }
  const disown = async () => {
    const { version } = await ada.call('contexts.view', { contextId: context.id })
    await ada.call('contexts.update', { contextId: context.id, teamId: null }, { version })
  }
  return { segment, context, finding, own, disown }
}

test('a finding opens, resolves when its evidence goes, and is the same one when it comes back; each is an event', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await world.as('grouped', { groups: ['platform'] })
  const { context, finding, own, disown } = await openOwnerless(world, ada)
  const opened = await finding()
  expect(opened).toMatchObject({
    state: 'open',
    severity: 'low',
    subject: { kind: 'context', id: context.id, name: context.name },
    context: { id: context.id },
    says: `No team owns ${context.name}.`,
  })
  await own()
  await heed(world)
  expect(await finding()).toMatchObject({
    id: opened.id,
    state: 'resolved',
    allowed: ['finding:view'],
  })
  await disown()
  await heed(world)
  expect(await finding()).toMatchObject({ id: opened.id, state: 'open' })
  const one = await ada.call('findings.view', { findingId: opened.id })
  expect(one).toMatchObject({
    weight: 2.5,
    cicdRisk: 'CICD-SEC-6',
    fix: { opens: 'context.owner', id: context.id },
    evidence: [{ what: 'Context', kind: 'context', id: context.id, name: context.name }],
  })
  expect(one.history.map(({ turn }) => turn)).toEqual(['reopened', 'resolved', 'opened'])
  expect(one.history.every(({ by }) => by === null)).toBe(true)
  const events = (await world.events()).filter(({ resource }) => resource?.id === opened.id)
  expect(events.map(({ action, actor }) => [action, actor.kind])).toEqual([
    ['findings.open', 'system'],
    ['findings.resolve', 'system'],
    ['findings.reopen', 'system'],
  ])
  expect(events.every((event) => event.context === context.id)).toBe(true)
})

test('what is muted comes back when its time is over, what is accepted has an owner, and both end with their evidence', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await world.as('grouped', { groups: ['platform'] })
  const { finding, own } = await openOwnerless(world, ada)
  const { id: findingId, version } = await finding()
  const muted = await ada.call(
    'findings.mute',
    { findingId, reason: 'It moves next week', until: until() },
    { version },
  )
  expect(muted).toMatchObject({
    state: 'muted',
    reason: 'It moves next week',
    version: version + 1,
  })
  expect(await world.lastEvent()).toMatchObject({
    action: 'findings.mute',
    actor: { kind: 'person', id: ada.id },
    before: { state: 'open' },
    after: { state: 'muted', reason: 'It moves next week' },
  })
  await world.app.findings.look({ all: true })
  expect(await finding()).toMatchObject({ state: 'muted' })
  await world.app.findings.look({ all: true, now: inDays(8) })
  const back = await finding()
  expect(back).toMatchObject({ state: 'open', until: null })

  const accepted = await ada.call(
    'findings.accept',
    { findingId, reason: 'Known', ownerId: ada.id, until: until() },
    { version: back.version },
  )
  expect(accepted).toMatchObject({ state: 'accepted', owner: { id: ada.id, name: ada.name } })
  const again = await ada.call(
    'findings.reopen',
    { findingId, reason: 'Not so' },
    { version: accepted.version },
  )
  expect(again).toMatchObject({ state: 'open', owner: null, reason: null })
  expect(again.history[0]).toMatchObject({ turn: 'reopened', by: { id: ada.id }, reason: 'Not so' })

  await ada.call('findings.mute', { findingId, reason: 'x', until: until() }, again)
  await own()
  await heed(world)
  expect(await finding()).toMatchObject({ state: 'resolved', until: null })
})

test('a mute is over when its time is, not with the next night; and a risk is not accepted any more by whoever has left', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const owner = await world.as('owner')
  const { finding } = await openOwnerless(world, ada)
  const { id: findingId, version } = await finding()
  const soon = new Date(Date.now() + 1_000).toISOString()
  await ada.call('findings.mute', { findingId, reason: 'x', until: soon }, { version })
  await heed(world)
  const muted = await finding()
  expect(muted).toMatchObject({ state: 'muted' })
  await wait(1_100)
  await world.app.findings.look()
  const back = await finding()
  expect(back).toMatchObject({ state: 'open', until: null })

  await ada.call(
    'findings.accept',
    { findingId, reason: 'Known', ownerId: owner.id, until: until() },
    back,
  )
  await heed(world)
  expect(await finding()).toMatchObject({ state: 'accepted', owner: { id: owner.id } })
  const person = await ada.call('people.view', { personId: owner.id })
  await ada.call('people.update', { personId: owner.id, state: 'left' }, person)
  await heed(world)
  expect(await finding()).toMatchObject({ state: 'open', owner: null, until: null })
  expect((await world.events()).filter(({ action }) => action === 'findings.reopen')).toMatchObject(
    [{ before: { state: 'muted' } }, { before: { state: 'accepted' } }],
  )
})

test('several are muted at once, each with its event, or none', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const [one, other] = [await openOwnerless(world, ada), await openOwnerless(world, ada)]
  const ids = [(await one.finding()).id, (await other.finding()).id]
  const given = { reason: 'Both', until: until() }
  await expect(
    ada.call('findings.muteMany', { findingIds: [...ids, randomUUID()], ...given }),
  ).rejects.toMatchObject({ code: 'not_found' })
  expect(await one.finding()).toMatchObject({ state: 'open' })
  expect(await ada.call('findings.muteMany', { findingIds: ids, ...given })).toEqual({ muted: 2 })
  expect(await other.finding()).toMatchObject({ state: 'muted' })
  const events = (await world.events()).filter(({ action }) => action === 'findings.mute')
  expect(new Set(events.map(({ resource }) => resource?.id))).toEqual(new Set(ids))
})

test('who may not see the subject is told of no finding about it, and changes none', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const [lin, sam, tea] = [await world.as('lin'), await world.as('sam'), await world.as('tea')]
  const { finding, segment } = await openOwnerless(world, ada)
  const { finding: elsewhere } = await openOwnerless(world, ada)
  const scope = { kind: 'segment' as const, id: segment.id, name: segment.name }
  await world.grant(lin, 'teamLead', scope)
  await world.grant(sam, 'developer')
  const blind = await ada.call('roles.create', {
    name: 'Sees findings and no contexts',
    description: '',
    permissions: ['finding:view', 'finding:update'],
  })
  await world.grant(tea, blind)
  const { id, version } = await finding()
  const { id: other, version: otherVersion } = await elsewhere()
  expect((await lin.call('findings.list', {})).items.map((row) => row.id)).toEqual([id])
  expect((await lin.call('findings.facets', {})).detection).toEqual([
    { value: 'context-without-owner', label: 'Context without an owner', count: 1 },
  ])
  const given = { reason: 'x', until: until() }
  await expect(lin.call('findings.view', { findingId: other })).rejects.toMatchObject({
    status: 404,
  })
  await expect(
    lin.call('findings.mute', { findingId: other, ...given }, { version: otherVersion }),
  ).rejects.toMatchObject({ status: 404 })
  await expect(
    lin.call('findings.muteMany', { findingIds: [id, other], ...given }),
  ).rejects.toMatchObject({ status: 404 })
  expect(await lin.call('findings.muteMany', { findingIds: [id], ...given })).toEqual({ muted: 1 })
  await expect(sam.call('findings.list', {})).rejects.toMatchObject({ code: 'forbidden' })
  const seen = (await tea.call('findings.list', {})).items.map(({ subject }) => subject.kind)
  expect(seen.filter((kind) => kind !== 'organization')).toEqual([])
  await expect(tea.call('findings.view', { findingId: id })).rejects.toMatchObject({ status: 404 })
  await expect(
    tea.call('findings.mute', { findingId: id, ...given }, { version: version + 1 }),
  ).rejects.toMatchObject({ status: 404 })
})

test('bad input is refused with its field, a stale version with what is there now', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const { finding } = await openOwnerless(world, ada)
  const { id: findingId, version } = await finding()
  const mute = (more: { until?: string; reason?: string }, at = version) =>
    ada.call('findings.mute', { findingId, reason: 'x', until: until(), ...more }, { version: at })
  const wrong = [
    { until: inDays(-1).toISOString() },
    { until: inDays(400).toISOString() },
    { until: 'tomorrow' },
    { reason: '' },
    { reason: 'a\u0000b' },
  ]
  for (const more of wrong) {
    await expect(mute(more)).rejects.toMatchObject({
      code: 'invalid_input',
      problem: { fields: [{ path: Object.keys(more)[0] }] },
    })
  }
  await expect(mute({}, version + 1)).rejects.toMatchObject({ code: 'stale' })
  await expect(
    ada.call(
      'findings.accept',
      { findingId, reason: 'x', until: until(), ownerId: randomUUID() },
      { version },
    ),
  ).rejects.toMatchObject({ problem: { fields: [{ path: 'ownerId' }] } })
  await expect(
    ada.call('findings.reopen', { findingId, reason: 'x' }, { version }),
  ).rejects.toMatchObject({ code: 'conflict' })
  for (const query of ['severity=worst', 'person=x', 'cursor=x', 'state=closed']) {
    expect((await ada.send(`/api/v1/findings?${query}`)).status).toBe(400)
  }
})

test('the list goes page by page, the worst first', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  for (let n = 0; n < 3; n++) await openOwnerless(world, ada)
  const all = (await ada.call('findings.list', {})).items
  const paged: string[] = []
  for (let cursor: string | undefined; ;) {
    const page = await ada.call('findings.list', { limit: 1, ...(cursor && { cursor }) })
    paged.push(...page.items.map(({ id }) => id))
    if (!(cursor = page.next)) break
  }
  expect(paged).toEqual(all.map(({ id }) => id))
  const order = ['critical', 'high', 'medium', 'low']
  const ranks = all.map(({ severity }) => order.indexOf(severity))
  expect(ranks).toEqual(ranks.toSorted((one, other) => one - other))
  expect(all[0]).toMatchObject({ detection: 'few-administrators', severity: 'high' })
})

test('two servers that look at once open each finding once', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  for (let n = 0; n < 5; n++) {
    await ada.call('contexts.create', { name: `context ${randomUUID()}` })
  }
  const second = connect(world.databaseUrl, { role: 'sallyport_app', max: 2 })
  const runner = createFindingRunner({ db: second, onError: () => {} })
  const everything = { all: true }
  await Promise.all(
    [world.app.findings, runner, world.app.findings, runner].map((one) => one.look(everything)),
  )
  await runner.close()
  await second.destroy()
  const opened = (await world.events()).filter(({ action }) => action === 'findings.open')
  expect(opened.filter(({ detail }) => isOwnerless(detail))).toHaveLength(5)
  expect(new Set(opened.map(({ resource }) => resource?.id)).size).toBe(opened.length)
})

const isOwnerless = (detail: unknown) =>
  (detail as { detection: string }).detection === 'context-without-owner'

test('a detection that fails keeps no other from being looked at, says so, and is tried again', async () => {
  await using world = await openWorld()
  await world.as('ada')
  const [one, two] = catalogue
  if (!one || !two) throw new Error('nothing is looked for')
  let broken = true
  const errors: unknown[] = []
  const runner = createFindingRunner({
    db: world.app.db,
    onError: (error) => errors.push(error),
    detections: [{ ...one, query: (now) => (broken ? sql`select nothing` : one.query(now)) }, two],
  })
  await runner.look({ all: true })
  expect(errors).toHaveLength(1)
  const looks = () =>
    world.app.db
      .selectFrom('findingLook')
      .select(['detection', 'fault'])
      .orderBy('detection')
      .execute()
  expect(await looks()).toContainEqual({
    detection: one.id,
    fault: expect.stringMatching(/nothing/),
  })
  expect(await looks()).toContainEqual({ detection: two.id, fault: null })
  broken = false
  await runner.look({ now: new Date(Date.now() + 11 * 60_000) })
  expect(await looks()).toContainEqual({ detection: one.id, fault: null })
  await runner.close()
})

test('a clock that was set back brings everything to be looked at again, and a killed look is finished by the next', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await world.app.findings.look({ all: true, now: inDays(3) })
  await ada.call('contexts.create', { name: 'after the clock was set back' })
  await world.app.findings.look()
  const of = { detection: 'context-without-owner' }
  expect((await ada.call('findings.list', of)).items).toHaveLength(1)

  // As if the server had died after the record was written, before it was heeded.
  await sql`update finding_heeded set leaf_index = 0`.execute(world.app.db)
  const before = (await world.events()).length
  await heed(world)
  expect((await world.events()).length).toBe(before)
  expect((await ada.call('findings.list', of)).items).toHaveLength(1)
})

test('what is not looked for any more ends', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await ada.call('contexts.create', { name: 'of an earlier version' })
  await world.app.findings.look({ all: true })
  const rest = catalogue.filter(({ id }) => id !== 'context-without-owner')
  const runner = createFindingRunner({ db: world.app.db, onError: () => {}, detections: rest })
  await runner.look({ all: true })
  const { items } = await ada.call('findings.list', {
    detection: 'context-without-owner',
    state: 'any',
  })
  expect(items).toMatchObject([{ state: 'resolved' }])
  await runner.close()
})

test('what is looked for is listed with when it was, and how much is open', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await openOwnerless(world, ada)
  const { items } = await ada.call('findings.detections', {})
  expect(items).toHaveLength(catalogue.length)
  expect(items.find(({ id }) => id === 'context-without-owner')).toMatchObject({
    open: 1,
    lookedAt: expect.any(String),
    fault: null,
  })
})
