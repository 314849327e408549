import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

/** A production segment with two contexts, of which one has no owner. */
async function openPlace(world: World, ada: WorldPerson) {
  await world.as('grouped', { groups: ['platform'] })
  const teamId = (await ada.call('teams.list', {})).items[0]?.id ?? ''
  const segment = await ada.call('segments.create', { name: randomUUID(), tier: 'build' })
  const owned = { name: randomUUID(), segmentId: segment.id, teamId }
  const context = await ada.call('contexts.create', owned)
  const bare = await ada.call('contexts.create', { name: randomUUID(), segmentId: segment.id })
  await world.app.findings.look({ all: true })
  return { segment, context, bare, teamId }
}

const total = (parts: readonly { lost: number }[]) => parts.reduce((sum, { lost }) => sum + lost, 0)

test('a score is 100 less what its lines take, each by its weight and the share of what it was found of', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const { segment, bare, context, teamId } = await openPlace(world, ada)
  const of = () => ada.call('scores.view', { segment: segment.id })
  const before = await of()
  const line = before.parts.find(({ detection }) => detection === 'context-without-owner')
  expect(line).toMatchObject({ weight: 2.5, objects: 2, affected: 1 })
  expect(line?.lost).toBeCloseTo((100 * 2.5 * 0.5) / before.weights, 1)
  expect(before.score).toBeCloseTo(100 - total(before.parts), 0)
  expect(before.parts[0]?.lost).toBe(Math.max(...before.parts.map(({ lost }) => lost)))
  expect(before.weights).toBe(before.parts.reduce((sum, { weight }) => sum + weight, 0))

  const { version } = await ada.call('contexts.view', { contextId: bare.id })
  await ada.call('contexts.update', { contextId: bare.id, teamId }, { version })
  await world.app.ledger.settle()
  await world.app.findings.look()
  const after = await of()
  expect((after.score ?? 0) - (before.score ?? 0)).toBeCloseTo(line?.lost ?? 0, 1)
  expect(await ada.call('scores.view', { context: context.id })).toMatchObject({ score: 100 })
})

test('a muted finding does not count, an accepted one does', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const { bare } = await openPlace(world, ada)
  const score = async () => (await ada.call('scores.view', { context: bare.id })).score ?? 0
  const before = await score()
  expect(before).toBeLessThan(100)
  const [finding] = (await ada.call('findings.list', { context: bare.id })).items
  const given = {
    findingId: finding?.id ?? '',
    reason: 'x',
    until: new Date(Date.now() + 86_400_000).toISOString(),
  }
  const accepted = await ada.call('findings.accept', { ...given, ownerId: ada.id }, { version: 1 })
  expect(await score()).toBe(before)
  await ada.call('findings.mute', given, accepted)
  expect(await score()).toBe(100)
})

test('what was not looked for yet, what has no objects and what may not be seen is said, and does not count', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  expect(await ada.call('scores.view', {})).toMatchObject({
    score: null,
    unavailable: 'It was not looked for yet.',
    parts: [],
    trend: [],
  })
  await openPlace(world, ada)
  const of = await ada.call('scores.view', {})
  expect(of.score).toBeGreaterThan(0)
  expect(of.trend).toMatchObject([{ score: expect.any(Number) }])
  expect(of.without).toContainEqual({
    title: 'Lease that was shown twice',
    why: 'There is nothing that it could be found of.',
  })
  const tea = await world.as('tea')
  const role = await ada.call('roles.create', {
    name: 'Sees findings of contexts',
    description: '',
    permissions: ['finding:view', 'context:view'],
  })
  await world.grant(tea, role)
  const seen = await tea.call('scores.view', {})
  expect(seen.without).toContainEqual({
    title: 'Grant of somebody who has left',
    why: 'You may not see what it is about.',
  })
  expect(seen.parts.some(({ detection }) => detection === 'leaver-grant')).toBe(false)
})

test('of a place that may not be seen, and of two at once, there is no score', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const lin = await world.as('lin')
  const { segment, bare } = await openPlace(world, ada)
  const other = await ada.call('segments.create', { name: randomUUID(), tier: 'build' })
  await world.grant(lin, 'teamLead', { kind: 'segment', id: segment.id, name: segment.name })
  expect(await lin.call('scores.view', { segment: segment.id })).toMatchObject({
    place: { kind: 'segment', id: segment.id, name: segment.name },
  })
  expect((await lin.call('scores.view', { context: bare.id })).score).toBeLessThan(100)
  await expect(lin.call('scores.view', {})).rejects.toMatchObject({ code: 'forbidden' })
  for (const id of [other.id, randomUUID()]) {
    await expect(lin.call('scores.view', { segment: id })).rejects.toMatchObject({
      code: 'invalid_input',
      problem: { fields: [{ path: 'segment', message: 'There is no such segment.' }] },
    })
  }
  await expect(
    ada.call('scores.view', { segment: segment.id, context: bare.id }),
  ).rejects.toMatchObject({ code: 'invalid_input' })
})

test('one score is kept a day', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await openPlace(world, ada)
  await world.app.findings.look({ all: true })
  await world.app.findings.look({ all: true, now: new Date(Date.now() + 86_400_000) })
  expect((await ada.call('scores.view', {})).trend).toHaveLength(2)
})
