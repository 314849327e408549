import { expect, test } from 'vitest'
import type { FindingTurn } from '../../db/tables/findings.ts'
import { below } from '../../testing/below.ts'
import { openWorld } from '../../testing/world.ts'

const day = 86_400_000
/** Noon, so that a day more or less is the day before or after. */
const noon = (ago: number) => new Date(Math.floor(Date.now() / day) * day - ago * day + day / 2)

test('open findings by project and kind of risk are those of the list, also for a lead', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  const other = await ada.call('segments.create', { name: 'Other', tier: 'build' })
  for (const [n, segmentId] of [segment.id, other.id].entries()) {
    await ada.call('projects.create', {
      name: `project ${n}`,
      slug: `gh/meridian/${n}`,
      provider: 'github',
      repository: `meridian/${n}`,
      segmentId,
    })
  }
  await world.app.findings.look({ all: true, now: new Date(Date.now() + 31 * day) })
  const { projects, cells, others } = await ada.call('risk.heat', {})
  expect(projects.map(({ name }) => name)).toEqual(['project 0', 'project 1'])
  expect(others).toBe(0)
  expect(cells).toHaveLength(4)
  for (const { project, risk, count, before, worst } of cells) {
    expect([before, worst]).toEqual([null, expect.any(String)])
    const { items } = await ada.call('findings.list', { project, risk })
    expect(items).toHaveLength(count)
  }
  const lin = await world.as('lin')
  await world.grant(lin, 'teamLead', { kind: 'segment', id: segment.id, name: segment.name })
  expect((await lin.call('risk.heat', {})).projects.map(({ name }) => name)).toEqual(['project 0'])
})

test('findings by project are those of the end of the range, beside those of its beginning; of before anybody looked nothing is said', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const at = (ago: number) => noon(ago).toISOString()
  const heat = (from: number, until: number) =>
    ada.call('risk.heat', { from: at(from), until: at(until) })
  const counted = async (from: number, until: number) => {
    const { cells, total, totalBefore } = await heat(from, until)
    const sums = cells.map(({ count, before }) => [count, before])
    return { sums, total, totalBefore }
  }
  expect(await ada.call('risk.heat', {})).toMatchObject({
    unavailable: 'Nothing has been looked for yet.',
    cells: [],
  })
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  const project = await ada.call('projects.create', {
    name: 'one',
    slug: 'gh/meridian/one',
    provider: 'github',
    repository: 'meridian/one',
    segmentId: segment.id,
  })
  await world.app.findings.look({ all: true, now: new Date(Date.now() + 31 * day) })
  const { items } = await ada.call('findings.list', { project: project.id })
  const [first, second] = items
  expect(items).toHaveLength(2)
  // As it would stand had it been looked at twenty days ago, when the first opened; the second came and went since.
  const turns = (finding: string, all: readonly (readonly [FindingTurn, number])[]) =>
    below(world, async (db) => {
      await db.deleteFrom('findingTurn').where('findingId', '=', finding).execute()
      const rows = all.map(([turn, ago]) => ({
        id: crypto.randomUUID(),
        findingId: finding,
        at: noon(ago),
        turn,
        byId: null,
        reason: null,
        until: null,
      }))
      await db.insertInto('findingTurn').values(rows).execute()
    })
  await below(world, (db) =>
    db
      .deleteFrom('findingTurn')
      .where('findingId', 'not in', [first?.id ?? '', second?.id ?? ''])
      .execute(),
  )
  await turns(first?.id ?? '', [['opened', 20]])
  await turns(second?.id ?? '', [
    ['opened', 15],
    ['resolved', 10],
    ['reopened', 5],
    ['muted', 3],
    ['reopened', 2],
  ])
  const both = (await heat(12, 0)).cells
  expect(both.map(({ count }) => count)).toEqual([1, 1])
  expect(await counted(12, 0)).toMatchObject({ total: 2, totalBefore: 2 })
  expect(await counted(8, 0)).toMatchObject({ total: 2, totalBefore: 1 })
  expect(await counted(12, 8)).toMatchObject({ total: 1, totalBefore: 2 })
  expect(await counted(4, 3)).toMatchObject({ total: 1, totalBefore: 2 })
  expect(await counted(18, 13)).toMatchObject({ total: 2, totalBefore: 1 })
  const gone = (await heat(12, 8)).cells.find(({ count }) => count === 0)
  expect(gone).toMatchObject({ before: 1, worst: null })
  // The time before begins before anybody looked: that nothing was found then says nothing.
  const early = await heat(25, 0)
  const since = noon(20).toISOString().slice(0, 10)
  expect(early).toMatchObject({ total: 2, totalBefore: null, unavailable: null })
  expect(early.beforeUnavailable).toContain(`here since ${since}`)
  expect(early.cells.map(({ before }) => before)).toEqual([null, null])
  const never = await heat(30, 22)
  expect(never).toMatchObject({ cells: [], projects: [], total: 0, totalBefore: null })
  expect(never.unavailable).toContain(`here since ${since}`)
})
