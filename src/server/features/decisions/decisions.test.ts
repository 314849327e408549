import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../../db/new-id.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
let noor: WorldPerson
let lin: WorldPerson
let context: { id: string; name: string }

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  noor = await world.as('noor')
  lin = await world.as('lin')
  context = await ada.call('contexts.create', { name: 'payments-production' })
  await ada.call('contexts.create', { name: 'elsewhere' })
  await world.grant(noor, 'auditor')
  await world.grant(lin, 'teamLead', { kind: 'context', ...context })
  await ada.call('contexts.update', { contextId: context.id, description: 'x' }, { version: 1 })
  for (let at = 0; at < 3; at++) {
    await lin.call('policies.create', { name: 'Not mine to make', text: '' }).catch(() => {})
  }
})
afterAll(() => world.close())

test('every refusal and every change is listed, newest first, by pages that leave none out', async () => {
  const all = await noor.call('decisions.list', { limit: 200 })
  expect(all.items.filter(({ outcome }) => outcome === 'denied')).toHaveLength(3)
  expect(all.items[0]).toMatchObject({
    outcome: 'denied',
    action: 'policy:create',
    actor: { kind: 'person', id: lin.id, name: 'Lin' },
    resource: { kind: 'organization' },
    sentence: expect.stringContaining('policy:create'),
  })
  const paged: string[] = []
  let cursor: string | undefined
  do {
    const page = await noor.call('decisions.list', { limit: 2, ...(cursor && { cursor }) })
    paged.push(...page.items.map(({ id }) => id))
    cursor = page.next
  } while (cursor)
  expect(paged).toEqual(all.items.map(({ id }) => id))
})

test('narrowed by outcome, action, noun, actor, context and time', async () => {
  const ids = async (filter: object) =>
    (await noor.call('decisions.list', { limit: 200, ...filter })).items.map(({ action }) => action)
  expect(await ids({ outcome: 'denied' })).toEqual(Array(3).fill('policy:create'))
  expect(await ids({ action: 'context:update' })).toEqual(['context:update'])
  expect(await ids({ action: 'context:*', actor: ada.id })).toEqual([
    'context:update',
    'context:create',
    'context:create',
  ])
  expect(await ids({ action: 'cont:*' })).toEqual([])
  expect(await ids({ context: context.id })).toContain('context:update')
  expect(await ids({ until: '2020-01-01T00:00:00Z' })).toEqual([])
  expect(await ids({ from: '2020-01-01T00:00:00+01:00', outcome: 'would_deny' })).toEqual([])
  const facets = await noor.call('decisions.facets', { action: 'context:*' })
  expect(facets).toMatchObject({
    outcome: [{ value: 'permitted', count: 3 }],
    action: [
      { value: 'context:create', count: 2 },
      { value: 'context:update', count: 1 },
    ],
    actor: [{ value: ada.id, name: 'Ada', count: 3 }],
    context: [
      { value: context.id, name: 'payments-production', count: 2 },
      { name: 'elsewhere', count: 1 },
    ],
    total: 3,
    more: false,
  })
})

test('one decision shows every layer that was asked, and the event it stands in', async () => {
  const [denied] = (await noor.call('decisions.list', { outcome: 'denied' })).items
  const seen = await noor.call('decisions.view', { decisionId: denied?.id ?? '' })
  expect(seen.layers.map(({ layer, verdict }) => [layer, verdict])).toEqual([
    ['identity', 'permitted'],
    ['grant', 'denied'],
  ])
  expect(seen.layers[1]).toMatchObject({ expected: expect.stringContaining('policy:create') })
  const event = (await world.events()).find(({ eventId }) => eventId === seen.eventId)
  expect(event).toMatchObject({ action: 'policies.create', outcome: 'denied' })
})

test('whoever holds it in one place sees that place and their own, not the rest', async () => {
  const seen = (await lin.call('decisions.list', { limit: 200 })).items
  expect(seen.map(({ action }) => action)).toEqual([
    'policy:create',
    'policy:create',
    'policy:create',
    'context:update',
    'context:create',
  ])
  const others = (await noor.call('decisions.list', { action: 'context:create' })).items
  const elsewhere = others.filter(({ context: place }) => place?.id !== context.id)
  expect(elsewhere).toHaveLength(1)
  for (const { id } of elsewhere) {
    await expect(lin.call('decisions.view', { decisionId: id })).rejects.toMatchObject({
      code: 'not_found',
    })
  }
  expect((await lin.call('decisions.facets', {})).total).toBe(5)
})

test('nobody without the permission, and no cursor of one’s own making', async () => {
  const eve = await world.as('eve')
  await expect(eve.call('decisions.list', {})).rejects.toMatchObject({ code: 'forbidden' })
  for (const place of [
    ['x', newId()],
    ["2026-01-01' or true", newId()],
    ['2026-01-01 00:00:00+00', 'x'],
  ]) {
    const cursor = Buffer.from(JSON.stringify(place)).toString('base64url')
    await expect(noor.call('decisions.list', { cursor })).rejects.toMatchObject({
      code: 'invalid_cursor',
    })
  }
  await expect(noor.call('decisions.view', { decisionId: newId() })).rejects.toMatchObject({
    code: 'not_found',
  })
})

test('over time every decision falls to one point, whether sums answer or the decisions themselves', async () => {
  const from = new Date(Date.now() - 7 * 86_400_000).toISOString()
  const counted = (points: readonly { permitted: number; denied: number; would_deny: number }[]) =>
    points.reduce((sum, each) => sum + each.permitted + each.denied + each.would_deny, 0)
  const { total } = await noor.call('decisions.facets', { from })
  const bySums = await noor.call('decisions.timeline', { from })
  expect(counted(bySums.points)).toBe(total)
  // An actor is in no sum: the newest decisions are counted.
  const byActor = await noor.call('decisions.timeline', { from, actor: lin.id })
  const own = await noor.call('decisions.facets', { from, actor: lin.id })
  expect(counted(byActor.points)).toBe(own.total)
  expect(own.total).toBeGreaterThan(0)
  expect(own.total).toBeLessThan(total)
  for (const { points, bucketSeconds } of [bySums, byActor]) {
    const steps = points.slice(1).map(({ at }, index) => {
      return Date.parse(at) - Date.parse(points[index]?.at ?? '')
    })
    expect(new Set(steps)).toEqual(new Set([bucketSeconds * 1000]))
  }
  // The last hour is shown by minutes, of which no sums are kept.
  const hour = new Date(Date.now() - 3_600_000).toISOString()
  const fine = await noor.call('decisions.timeline', { from: hour })
  expect(fine.bucketSeconds).toBe(300)
  expect(counted(fine.points)).toBe(total)
  // Whoever sees one context alone counts what the list shows.
  const mine = await lin.call('decisions.facets', { from })
  expect(counted((await lin.call('decisions.timeline', { from })).points)).toBe(mine.total)
})
