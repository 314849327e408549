import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../db/connect.ts'
import { keepExceptionsTime } from '../../features/exceptions/service.ts'
import { rowsWith } from '../../testing/rows-with.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'
import { seedSample } from './seed.ts'

let world: World
let noor: WorldPerson
const said: string[] = []

beforeAll(async () => {
  world = await openWorld()
  await seedSample({
    app: world.app,
    config: world.config,
    size: 'small',
    say: (line) => said.push(line),
    now: new Date(),
  })
  noor = await world.as('noor', { name: 'Noor Haddad' })
})
afterAll(() => world.close())

test('the cast is there, and each persona finds themselves in it with a role of their own', async () => {
  const me = await noor.call('me.view', {})
  expect(me.teams.map(({ name }) => name)).toEqual(['Audit'])
  expect(me.may.map(({ permission }) => permission)).toContain('audit:export')
  const people = await noor.call('people.list', { limit: 200 })
  expect(people.items).toHaveLength(59)
  const projects = await noor.call('projects.list', { limit: 200 })
  expect(projects.items).toHaveLength(39)
  const contexts = await noor.call('contexts.list', { limit: 200 })
  expect(contexts.items).toHaveLength(30)
  expect(said[0]).toContain('people, teams')
})

test('its history is one of real decisions: permitted, denied and would-be denied', async () => {
  await world.app.ledger.settle()
  const { facets } = await noor.call('audit.facets', {})
  const outcomes = facets.find(({ field }) => field === 'outcome')?.values ?? []
  const of = (outcome: string) => outcomes.find(({ value }) => value === outcome)?.count ?? 0
  expect(of('permitted')).toBeGreaterThan(of('denied'))
  expect(of('denied')).toBeGreaterThan(0)
  expect(of('would_deny')).toBeGreaterThan(0)
})

test('every policy that is enforced was asked for by one person and approved by another', async () => {
  const { items } = await noor.call('policies.list', { mode: 'enforce' })
  expect(items).toHaveLength(5)
  for (const { id } of items) {
    const [approval] = (await noor.call('policies.approvals', { policyId: id })).items
    expect(approval?.verdict).toBe('approved')
    expect(approval?.decidedBy?.id).not.toBe(approval?.askedBy.id)
  }
})

test('the administrator who never acts has a grant and no sign-in', async () => {
  const { items } = await noor.call('people.list', { search: 'Ben' })
  const ben = items.find(({ name }) => name === 'Ben Sørensen')
  expect(ben?.lastSeenAt).toBeUndefined()
  const person = await noor.call('people.view', { personId: ben?.id ?? '' })
  expect(person.access.map(({ role }) => role.name)).toContain('Security admin')
})

test('the context that everybody reaches is reached by a project of any team', async () => {
  const { items } = await noor.call('projects.list', { q: 'notebook-lab' })
  const reached = await noor.call('projects.contexts', { projectId: items[0]?.id ?? '' })
  expect(reached.items.map(({ context }) => context.name)).toContain('docker-hub')
})

test('what runs were given lately is a lease each, redeemed from where it was given to, by a rule that was used', async () => {
  const { items } = await noor.call('leases.list', { limit: 200 })
  expect(items.length).toBeGreaterThan(50)
  const redeemed = items.filter(({ state }) => state === 'redeemed')
  expect(redeemed.length / items.length).toBeGreaterThan(0.9)
  const [one] = redeemed
  const lease = await noor.call('leases.view', { leaseId: one?.id ?? '' })
  const decision = await noor.call('decisions.view', {
    decisionId: lease.contexts[0]?.decisionId ?? '',
  })
  expect(['permitted', 'would_deny']).toContain(decision.outcome)
  expect(decision.project?.id).toBe(lease.project.id)
  const rules = await noor.call('trustRules.list', { limit: 200 })
  expect(rules.items.filter(({ lastUsedAt }) => lastUsedAt).length).toBeGreaterThan(30)
})

test('a second start leaves it alone', async () => {
  const seeded = await seedSample({
    app: world.app,
    config: world.config,
    size: 'small',
    say: () => {},
    now: new Date(),
  })
  expect(seeded).toBe(false)
})

test('configs were checked, most of them well', async () => {
  const { items } = await noor.call('pipelines.list', { limit: 200 })
  expect(items.length).toBeGreaterThan(3)
  expect(new Set(items.map(({ status }) => status)).has('PASS')).toBe(true)
})

test('a run was admitted for a time by two people, and one such exception waits', async () => {
  // Its time is over: the clock says so when it comes round next.
  await keepExceptionsTime(world.app.db)
  const rows = await world.app.db
    .selectFrom('useException')
    .selectAll()
    .orderBy('createdAt')
    .execute()
  expect(rows.map(({ state }) => state)).toEqual(['expired', 'pending'])
  for (const { requesterId, decidedBy } of rows) expect(decidedBy).not.toBe(requesterId)
})

test('one access review was carried out, and a lead is in the middle of another', async () => {
  const { items } = await noor.call('reviews.list', {})
  expect(items.map(({ name, state }) => [name, state])).toEqual([
    ['Payments, every quarter', 'running'],
    ['Sandbox, every 90 days', 'closed'],
  ])
  const [running, closed] = items
  expect(running?.answered).toBe(3)
  const detail = await noor.call('reviews.view', { reviewId: closed?.id ?? '' })
  expect(detail).toMatchObject({ revoked: 1, results: { applied: 1, failed: 0 } })
})

test('no event of it names anybody in its leaf; who is erased is named nowhere but in what reviews sealed', async () => {
  await world.app.ledger.settle()
  const owner = connect(world.databaseUrl, { max: 1 })
  const { rows: saying } = await sql<{ action: string; name: string }>`
    select distinct e.action, p.name from audit_entry e join person p
    on position(p.name in convert_from(e.leaf, 'UTF8')) > 0 or position(p.email in convert_from(e.leaf, 'UTF8')) > 0`.execute(
    owner,
  )
  expect(saying).toEqual([])
  const ada = await world.as('ada', { name: 'Ada Okafor' })
  for (const name of ['Samira Khalil', 'Jonas Keller', 'Grace Mbeki']) {
    const [one] = (await ada.call('people.list', { search: name, limit: 1 })).items
    if (!one) throw new Error(`${name} is not in the cast`)
    const naming = Object.keys(await rowsWith(owner, name))
    expect(naming).toContain('audit_entry')
    expect(naming.length).toBeGreaterThan(3)
    const named = { personId: one.id }
    const gone = await ada.call(
      'people.update',
      { ...named, state: 'left' },
      { version: one.version },
    )
    await ada.call('people.erase', { ...named, reason: 'Asked for' }, { version: gone.version })
    await world.app.ledger.settle()
    expect(Object.keys(await rowsWith(owner, name))).toEqual(['review_line'])
    expect(Object.keys(await rowsWith(owner, one.email))).toEqual(['review_line'])
  }
  await owner.destroy()
})
