import { afterAll, beforeAll, expect, test } from 'vitest'
import { operations } from '../../contract/index.ts'
import { builtInRoles } from '../../contract/built-in-roles.ts'
import { openWorld, type World, type WorldPerson } from '../testing/world.ts'

/*
 * Every list pages by a cursor, whatever it lists: found in the contract, so that none is forgotten.
 */

const lists = operations().flatMap(({ id, spec }) => {
  const pages = spec.query !== undefined && 'cursor' in spec.query.shape
  return pages && !spec.path.includes(':') ? [{ id, path: `/api/v1${spec.path}` }] : []
})

let world: World
let ada: WorldPerson
beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  for (const sid of ['second', 'third']) await world.as('ada', { sid })
  for (const name of ['one', 'two', 'three']) {
    const { id } = await world.as(name, { groups: [`team-${name}`] })
    await ada.call('contexts.create', { name, description: '' })
    const segment = await ada.call('segments.create', { name, tier: 'sandbox' })
    await ada.call('projects.create', {
      name,
      slug: `gh/meridian/${name}`,
      provider: 'github',
      repository: `meridian/${name}`,
      segmentId: segment.id,
    })
    const role = await ada.call('roles.create', { name, permissions: ['context:view'] })
    await ada.call('apiTokens.create', { name, roleId: role.id, expiresInDays: 1 })
    await ada.call('grants.create', {
      roleId: builtInRoles.developer.id,
      subject: { kind: 'person', id },
      scope: { kind: 'organization' },
      reason: '',
    })
    await ada.call('policies.create', { name, description: '', text: '' })
    await ada.call('auditViews.create', { name, search: { q: `actor:${name}` } })
  }
  await world.events()
})
afterAll(() => world.close())

const get = async (path: string, query: Record<string, string>) =>
  ada.send(`${path}?${new URLSearchParams(query).toString()}`)
interface Page {
  items: Record<string, unknown>[]
  next?: string
}
/** Lists that had more than one page. */
const filled = new Set<string>()
const idOf = (row: Record<string, unknown>) => {
  const { id, eventId, treeSize, person } = row
  return JSON.stringify(id ?? eventId ?? treeSize ?? person)
}

/** The tests of one policy are few by their limit, and run all together. */
const whole = ['policyTests.list']

test('there are lists, and each answers pages', () => {
  expect(lists.length).toBeGreaterThan(8)
  const noPages = operations().filter(
    ({ id, spec }) => id.endsWith('.list') && !(spec.query && 'cursor' in spec.query.shape),
  )
  expect(noPages.map(({ id }) => id)).toEqual(whole)
})

test.each(lists)('$id: page by page is what the whole list is, each row once', async ({ path }) => {
  const whole = (await get(path, { limit: '200' })).body as Page
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const { status, body } = await get(path, { limit: '2', ...(cursor && { cursor }) })
    expect(status).toBe(200)
    const page = body as Page
    expect(page.items.length).toBeLessThanOrEqual(2)
    expect(page.items.length > 1 || page.next === undefined).toBe(true)
    seen.push(...page.items.map(idOf))
    cursor = page.next
  } while (cursor)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.length).toBeGreaterThanOrEqual(Math.min(3, whole.items.length))
  if (whole.items.length > 2) filled.add(path)
  // What was there when it began; reading the record adds to it.
  for (const row of whole.items) expect(seen).toContain(idOf(row))
})

test('negative control: most of these lists had several pages', () => {
  expect(filled.size).toBeGreaterThan(8)
})

test.each(lists)(
  '$id: a cursor that this list did not make is a 400, never a failure',
  async ({ path }) => {
    const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const foreign = [
      'nonsense',
      '-'.repeat(36),
      made([]),
      made(['x']),
      made(['x', 'y']),
      made({}),
      made([1e30]),
    ]
    for (const cursor of foreign) {
      const { status, body } = await get(path, { cursor })
      expect({ cursor, status, body }).toMatchObject({
        status: 400,
        body: { code: 'invalid_cursor' },
      })
    }
    expect((await get(path, { limit: '201' })).status).toBe(400)
  },
)
