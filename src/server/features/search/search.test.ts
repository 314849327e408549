import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
let lin: WorldPerson
const segments: { id: string; name: string }[] = []

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  lin = await world.as('lin')
  for (const name of ['harbour production', 'harbour staging']) {
    const segment = await ada.call('segments.create', { name, tier: 'production' })
    segments.push(segment)
    const word = name.split(' ')[1]
    await ada.call('projects.create', {
      name: `crane ${word}`,
      slug: `acme/crane-${word}`,
      provider: 'github',
      repository: `github.com/acme/harbour-crane-${word}`,
      segmentId: segment.id,
    })
    const context = await ada.call('contexts.create', {
      name: `crane-${word}`,
      segmentId: segment.id,
    })
    await ada.call('contexts.store', {
      contextId: context.id,
      name: `CRANE_KEY_${word?.toUpperCase()}`,
      value: 'never found zq-value-zq',
    })
  }
  await ada.call('policies.create', { name: 'Cranes on weekdays only', text: '' })
  await ada.call('roles.create', { name: 'Crane driver', permissions: ['project:view'] })
  const [inside] = segments
  if (inside) {
    await world.grant(lin, 'developer', { kind: 'segment', id: inside.id, name: inside.name })
  }
})
afterAll(() => world.close())

const find = async (person: WorldPerson, q: string) =>
  (await person.call('search.everything', { q })).items.map(({ kind, name }) => `${kind} ${name}`)

test('finds every kind by its name, the nearest first, a secret with its context', async () => {
  expect(await find(ada, 'crane')).toEqual([
    'role Crane driver',
    'project crane staging',
    'project crane production',
    'context crane-staging',
    'context crane-production',
    'secret CRANE_KEY_STAGING',
    'secret CRANE_KEY_PRODUCTION',
    'policy Cranes on weekdays only',
  ])
  const { items } = await ada.call('search.everything', { q: 'key staging' })
  expect(items).toMatchObject([{ kind: 'secret', context: { name: 'crane-staging' } }])
  expect(await find(ada, 'LIN@meridian')).toEqual(['person Lin'])
  expect(await find(ada, 'production crane')).toContain('project crane production')
})

test('values are never searched, and patterns are only text', async () => {
  expect(await find(ada, 'zq-value')).toEqual([])
  for (const q of ['%', '_____', '((', '\\', 'crane.*', "' or 1=1", '\u0000', '[['])
    expect(await find(ada, q)).toEqual([])
  expect(await find(ada, '  ')).toEqual([])
})

test('narrowed to where one may see each kind; whoever may see nothing finds nothing', async () => {
  expect(await find(lin, 'crane')).toEqual([
    'role Crane driver',
    'project crane production',
    'context crane-production',
    'secret CRANE_KEY_PRODUCTION',
    'policy Cranes on weekdays only',
  ])
  expect(await find(lin, 'harbour')).toEqual([
    'project crane production',
    'context crane-production',
    'segment harbour production',
  ])
  const eve = await world.as('eve')
  expect(await find(eve, 'crane')).toEqual([])
})

test('issuers, trust rules and Vault servers, each by what one may see of it', async () => {
  const issuer = await ada.call('issuers.create', {
    name: 'Quay CI',
    kind: 'github',
    url: 'https://token.quay.example',
    audience: 'x',
    algorithms: ['ES256'],
  })
  const { items } = await ada.call('projects.list', {})
  for (const project of items) {
    await ada.call('trustRules.create', {
      name: `Quay ${project.name.split(' ')[1]}`,
      issuerId: issuer.id,
      projectId: project.id,
      conditions: [{ claim: 'repository_id', op: 'eq', values: [project.id] }],
    })
  }
  await ada.call('vaults.create', {
    name: 'Quay vault',
    address: 'https://vault.quay.example',
    role: 'sallyport',
    audience: 'vault',
  })
  expect(await find(ada, 'quay')).toEqual([
    'issuer Quay CI',
    'trustRule Quay staging',
    'trustRule Quay production',
    'vault Quay vault',
  ])
  expect(await find(ada, 'vault.quay')).toEqual(['vault Quay vault'])
  expect(await find(ada, 'quay crane production')).toEqual(['trustRule Quay production'])
  // By what a grant on one segment holds.
  const role = await ada.call('roles.create', { name: 'Rules', permissions: ['trustRule:view'] })
  const max = await world.as('max')
  const [inside] = segments
  if (!inside) throw new Error('no segment')
  await world.grant(max, role, { kind: 'segment', id: inside.id, name: inside.name })
  expect(await find(max, 'quay')).toEqual(['trustRule Quay production'])
})
