import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
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

const made = async (ada: WorldPerson, segmentId: string) => {
  const name = randomUUID()
  const place = { slug: `gh/m/${name}`, repository: `m/${name}`, provider: 'github' as const }
  return ada.call('projects.create', { name, ...place, segmentId })
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

test('what cannot be told does not count: a role before the record is old enough, a project whose config nobody checked', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await ada.call('roles.create', { name: 'Own', description: '', permissions: ['role:view'] })
  const { segment } = await openPlace(world, ada)
  const [checked, never] = [await made(ada, segment.id), await made(ada, segment.id)]
  const uses = 'on: push\njobs: {a: {runs-on: x, steps: [{uses: actions/checkout@v4}]}}\n'
  const check = `/api/v1/pipelines/check?project=${checked.id}`
  await ada.send(check, { method: 'POST', body: { text: uses } })
  await world.app.findings.look({ all: true })
  const unpinned = 'Pipeline that runs unpinned code'

  const all = await ada.call('scores.view', {})
  expect(all.without).toContainEqual({
    title: 'Role with permissions that nobody uses',
    why: 'The record does not go back 90 days yet.',
  })
  const untold = { objects: 1, why: 'No config was checked in 30 days.' }
  expect(all.parts.find(({ title }) => title === unpinned)).toMatchObject({
    objects: 1,
    affected: 1,
    untold,
  })
  const of = await ada.call('scores.view', { project: never.id })
  expect(of.without).toContainEqual({ title: unpinned, why: untold.why })
  expect(of.parts.some(({ title }) => title === unpinned)).toBe(false)
  const weighed = of.parts.reduce((sum, { weight }) => sum + weight, 0)
  expect(of.weights).toBe(weighed)
})

test('each is counted by what it could be found of: of segments only those of production, of grants those that are privileged', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  for (const tier of ['production', 'build', 'staging'] as const) {
    await ada.call('segments.create', { name: randomUUID(), tier })
  }
  await world.grant(await world.as('sam'), 'developer')
  await world.app.findings.look({ all: true })
  const { parts } = await ada.call('scores.view', {})
  const of = (id: string) => parts.find(({ detection }) => detection === id)
  expect(of('segment-open')).toMatchObject({ objects: 1, affected: 1, untold: null })
  // Ada’s own, by the settings, may have no end.
  expect(of('grant-without-end')).toBeUndefined()
  expect(of('privileged-unused')).toMatchObject({ objects: 1, affected: 0 })
})

test('what a team holds counts for each of its members, and leads to its finding', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const [sam] = [await world.as('sam', { groups: ['platform'] }), await world.as('max')]
  const teamId = (await ada.call('teams.list', {})).items[0]?.id ?? ''
  const given = { reason: 'for ever', scope: { kind: 'organization' as const } }
  const subject = { kind: 'team' as const, id: teamId }
  await ada.call('grants.create', { roleId: builtInRoles.teamLead.id, subject, ...given })
  await world.app.findings.look({ all: true })
  const { score, parts } = await ada.call('scores.view', { person: sam.id })
  expect(parts.find(({ detection }) => detection === 'grant-without-end')).toMatchObject({
    objects: 1,
    affected: 1,
  })
  expect(score).toBeLessThan(100)
  for (const { detection, affected } of parts) {
    const { items } = await ada.call('findings.list', { person: sam.id, detection })
    expect(items).toHaveLength(affected)
  }
})

test('the lines that are shown add up to what is missing of the score that is shown', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const { segment } = await openPlace(world, ada)
  for (let n = 0; n < 5; n++) {
    await ada.call('segments.create', { name: randomUUID(), tier: 'production' })
    await made(ada, segment.id)
  }
  await world.app.findings.look({ all: true })
  const { score, parts } = await ada.call('scores.view', {})
  expect(parts.filter(({ lost }) => lost > 0).length).toBeGreaterThan(3)
  expect(Math.round(total(parts) * 100)).toBe(Math.round(10_000 - (score ?? 0) * 100))
})

test('the score of a project, a context and a person is kept on each day on which it is another, and holds until then', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const { bare, teamId } = await openPlace(world, ada)
  const kept = () =>
    world.app.db.selectFrom('scoreDay').selectAll().where('placeId', '=', bare.id).execute()
  const [first] = await kept()
  await world.app.findings.look({ all: true, now: new Date(Date.now() + 86_400_000) })
  expect(await kept()).toEqual([first])
  const back = sql`update score_day set day = day - 3 where place_id = ${bare.id}`
  await back.execute(world.app.db)
  const { version } = await ada.call('contexts.view', { contextId: bare.id })
  await ada.call('contexts.update', { contextId: bare.id, teamId }, { version })
  await world.app.findings.look({ all: true })
  expect(await kept()).toHaveLength(2)
  const { score, trend } = await ada.call('scores.view', { context: bare.id })
  expect(trend.map((day) => day.score)).toEqual([first?.score, first?.score, first?.score, score])
  const posture = await ada.call('risk.posture', { context: bare.id })
  expect(posture.points.map((point) => point.score)).toEqual(trend.map((day) => day.score))
  expect(posture.now).toBe(score)
  expect((await ada.call('scores.view', { person: ada.id })).trend).toHaveLength(1)
})
