import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seedSample } from '../../dev/sample/seed.ts'
import { below } from '../../testing/below.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson

beforeAll(async () => {
  world = await openWorld()
  const { app, config } = world
  await seedSample({ app, config, size: 'small', say: () => {}, now: new Date() })
  await app.ledger.settle()
  // The sample's people are known by the evaluation provider's name, and so is this world's.
  ada = await world.as('ada', { name: 'Ada Okafor' })
})
afterAll(() => world.close())

test('every total is the sum of its points, and the list behind it holds as many', async () => {
  const overview = await ada.call('overview.view', { days: 30 })
  for (const outcome of ['permitted', 'denied', 'would_deny'] as const) {
    const points = overview.points.reduce((total, point) => total + point[outcome], 0)
    expect(points).toBe(overview.totals[outcome])
  }
  expect(overview.points).toHaveLength(30)
  expect(overview.totals.denied).toBeGreaterThan(0)
  const { total } = await ada.call('decisions.facets', { outcome: 'denied', from: overview.from })
  expect(total).toBe(overview.totals.denied)
  const [refused] = overview.mostRefused
  const behind = await ada.call('decisions.facets', {
    outcome: 'denied',
    context: refused?.context.id ?? '',
    from: overview.from,
  })
  expect(behind.total).toBe(refused?.denied)
  const [used] = overview.mostUsed
  for (const outcome of ['permitted', 'would_deny'] as const) {
    const context = used?.context.id ?? ''
    const counted = await ada.call('decisions.facets', { outcome, context, from: overview.from })
    expect(counted.total).toBe(used?.[outcome])
  }
  const [changed] = overview.changes
  const week = new Date(Date.parse(overview.until) - 7 * 86_400_000).toISOString()
  const { items } = await ada.call('audit.list', {
    q: `action:${changed?.action} outcome:permitted`,
    from: week,
    limit: 200,
  })
  expect(items).toHaveLength(changed?.count ?? -1)
  // What runs do every minute is no change of anybody's.
  const { items: redeemed } = await ada.call('audit.list', { q: 'action:leases.redeem', limit: 1 })
  expect(redeemed).toHaveLength(1)
  const actions = overview.changes.map(({ action }) => action)
  expect(actions.filter((action) => /^leases|^findings\.open|check$/.test(action))).toEqual([])
})

test('the map of projects and contexts counts what the list behind each number holds', async () => {
  const from = new Date(Date.now() - 30 * 86_400_000).toISOString()
  const { projects, contexts, cells, others } = await ada.call('decisions.heatmap', { from })
  expect(projects.length).toBeGreaterThan(3)
  expect(cells.length).toBeGreaterThan(5)
  const named = (all: readonly { id: string }[], id: string) => all.some((each) => each.id === id)
  expect(
    cells.every((cell) => named(projects, cell.project) && named(contexts, cell.context)),
  ).toBe(true)
  const sums = ({ permitted, would_deny, denied, failed }: (typeof cells)[number]) =>
    permitted + would_deny + denied + failed
  const busiest = cells.toSorted((one, other) => sums(other) - sums(one))[0]
  const { project = '', context = '' } = busiest ?? {}
  const { total } = await ada.call('decisions.facets', { project, context, from })
  expect(busiest && sums(busiest)).toBe(total)
  const all = cells.reduce((sum, cell) => sum + sums(cell), others)
  expect(all).toBeGreaterThanOrEqual(total)
})

test('of more than a map holds, it shows the busiest projects, and the contexts that these use', async () => {
  await using large = await openWorld()
  const admin = await large.as('ada')
  const { id: segment } = await admin.call('segments.create', { name: 'Build', tier: 'build' })
  // Forty that use one context each, and two hundred whose contexts are used more, by all of them together.
  await below(large, async (db) => {
    await sql`insert into project (id, name, slug, provider, repository, segment_id)
      select gen_random_uuid(), 'project ' || n, 'acme/' || n, 'circleci', 'github.com/acme/' || n, ${segment}
      from generate_series(1, 240) n`.execute(db)
    await sql`insert into context (id, name) select gen_random_uuid(), 'context ' || n from generate_series(1, 80) n`.execute(
      db,
    )
    await sql`insert into decision_rollup (hour, outcome, project_id, context_id, count)
      select date_trunc('hour', now() - interval '2 hours'), 'denied', p.id, c.id, case when n <= 40 then 9 else 1 end
      from generate_series(1, 240) n join project p on p.name = 'project ' || n
        join context c on c.name = 'context ' || case when n <= 40 then n else 41 + n % 10 end`.execute(
      db,
    )
  })
  const { projects, contexts, cells, others } = await admin.call('decisions.heatmap', {})
  expect([projects.length, contexts.length]).toEqual([40, 24])
  expect(cells.map(({ denied }) => denied)).toEqual(contexts.map(() => 9))
  expect(others).toBe(16 * 9 + 200)
})

test('the stories are on it: an administrator who never acts, what ends, what is tried', async () => {
  const { standing, expiring, tried, oldestSecrets, changes } = await ada.call('overview.view', {})
  expect(standing.idleAdministrators.map(({ name }) => name)).toContain('Ben Sørensen')
  expect(standing.closedContexts).toBe(1)
  expect(expiring.length + tried.length).toBeGreaterThan(0)
  expect(oldestSecrets).toHaveLength(8)
  expect(changes.map(({ action }) => action)).toContain('contexts.create')
})

test('a company that has nothing sees which steps come first, and each as it is taken', async () => {
  const { firstSteps } = await ada.call('overview.view', {})
  expect(Object.values(firstSteps)).toEqual(Array.from({ length: 6 }, () => true))
  await using empty = await openWorld()
  const begins = await empty.as('ada')
  const taken = async () =>
    Object.entries((await begins.call('overview.view', {})).firstSteps)
      .filter(([, done]) => done)
      .map(([step]) => step)
  expect(await taken()).toEqual([])
  const { id: contextId } = await begins.call('contexts.create', { name: 'first' })
  await begins.call('contexts.store', { contextId, name: 'KEY', value: 'a value' })
  expect(await taken()).toEqual(['secret'])
  const restriction = { kind: 'expression', expression: 'pipeline.git.branch == "main"' } as const
  await begins.call('contexts.restrict', { contextId, restriction })
  expect(await taken()).toEqual(['secret', 'restriction'])
})

test('it is for those who may see it; a home is for everybody, and shows only what may be seen', async () => {
  const stranger = await world.as('stranger')
  await expect(stranger.call('overview.view', {})).rejects.toMatchObject({
    code: 'forbidden',
    problem: { permission: 'overview:view' },
  })
  expect(await stranger.call('overview.home', {})).toEqual({ access: [], projects: [], ending: [] })
  const sam = await world.as('sam', { name: 'Sam Rivera' })
  const home = await sam.call('overview.home', {})
  expect(home.access.map(({ role }) => role.name)).toEqual(['Developer'])
  expect(home.projects.map(({ project }) => project.name)).toContain('checkout-api')
  expect(home.record).toBeUndefined()
  const noor = await world.as('noor', { name: 'Noor Haddad' })
  const { record } = await noor.call('overview.home', {})
  expect(record?.events).toBeGreaterThan(500)
  expect(record?.refusals.length).toBeGreaterThan(0)
})
