import { beforeEach, afterEach, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { permissions } from '../../../contract/permissions.ts'
import { enforced } from '../../testing/enforced.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'
import { administrators } from './service.ts'

/*
 * Every way by which the last one who can administer the organization could go. Each is tried with one left, where it is
 * refused, and with another beside them, where the same goes through: the negative control.
 */

let world: World
let ada: WorldPerson
beforeEach(async () => {
  world = await openWorld()
  ada = await world.as('ada')
})
afterEach(() => world.close())

const { securityAdmin } = builtInRoles
const left = async () => administrators(world.app.db)
const refusal = { code: 'last_administrator', status: 409 }
const grantsOf = async (person: string) =>
  (await ada.call('grants.list', { person, role: securityAdmin.id })).items
const grantTo = (subject: { kind: 'person' | 'team'; id: string }, expiresAt?: string) =>
  ada.call('grants.create', {
    roleId: securityAdmin.id,
    subject,
    scope: { kind: 'organization' },
    reason: '',
    ...(expiresAt && { expiresAt }),
  })
const revoke = async (person: WorldPerson, by: WorldPerson | undefined = ada) => {
  const [grant] = await grantsOf(person.id)
  const input = { grantId: grant?.id ?? '', reason: 'moved on' }
  return by.call('grants.revoke', input, { version: grant?.version ?? 0 })
}
const teamNamed = async (name: string) => {
  const found = (await ada.call('teams.list', { search: name })).items[0]
  if (!found) throw new Error(`no team ${name}`)
  return found
}
/** The organization's one administrator is whoever the identity provider lists in `security`; Ada is one no more. */
const onlyByGroup = async (...names: string[]) => {
  const people = []
  for (const name of names) people.push(await world.as(name, { groups: ['security', 'core'] }))
  const team = await teamNamed('security')
  await grantTo({ kind: 'team', id: team.id })
  await revoke(ada, people[0])
  return { people, team }
}

test('the identity provider takes the last administrator out of their group: they sign in, stay, and an event says so', async () => {
  const { people, team } = await onlyByGroup('kim', 'lou')
  const [kim, lou] = people.map(({ id }) => id)
  expect(await left()).toEqual(expect.arrayContaining([kim, lou]))
  await world.as('lou', { groups: ['core'] })
  expect(await left()).toEqual([kim])

  const again = await world.as('kim', { groups: [] })
  expect(await left()).toEqual([kim])
  const me = await again.call('me.view', {})
  expect(me.teams.map(({ name }) => name)).toEqual(['security'])
  const events = await world.events()
  expect(events.findLast(({ action }) => action === 'sessions.start')).toMatchObject({
    detail: { left: ['core'], kept: ['security'] },
  })
  expect(events.find(({ action }) => action === 'teams.keepAdministrator')).toMatchObject({
    outcome: 'denied',
    actor: { id: kim },
    resource: { kind: 'team', id: team.id, name: 'security' },
    sentence: expect.stringContaining('Kim is the last administrator'),
  })

  // Negative control: with another administrator the same sign-in takes the membership away.
  await again.call('grants.create', {
    roleId: securityAdmin.id,
    subject: { kind: 'person', id: ada.id },
    scope: { kind: 'organization' },
    reason: '',
  })
  await world.as('kim', { groups: [] })
  expect(await left()).toEqual([ada.id])
})

test('two whom the provider takes out at the same moment leave one', async () => {
  const { people } = await onlyByGroup('kim', 'lou', 'max')
  await Promise.all(['kim', 'lou', 'max'].map((name) => world.as(name, { groups: [] })))
  expect(await left()).toHaveLength(1)
  expect(people.map(({ id }) => id)).toContain((await left())[0])
})

test('a sign-in and a change that each take one of two away leave one', async () => {
  const { people } = await onlyByGroup('kim')
  const [kim] = people
  await kim!.call('grants.create', {
    roleId: securityAdmin.id,
    subject: { kind: 'person', id: ada.id },
    scope: { kind: 'organization' },
    reason: '',
  })
  const results = await Promise.allSettled([
    world.as('kim', { groups: [] }),
    revoke(ada, ada),
    world.as('kim', { groups: [] }),
  ])
  expect(results[0]?.status).toBe('fulfilled')
  expect(await left()).toHaveLength(1)
})

test('by a team that loses its member, or by the person who leaves', async () => {
  await ada.call('people.import', {
    csv: 'email,name,team\nlou@meridian.example,Lou,Security\n',
  })
  const lou = await world.as('lou')
  const team = await teamNamed('Security')
  await grantTo({ kind: 'team', id: team.id })
  await revoke(ada, lou)
  const empty = () =>
    lou.call('teams.update', { teamId: team.id, remove: [lou.id] }, { version: team.version })
  const leave = (version: number) =>
    lou.call('people.update', { personId: lou.id, state: 'left' }, { version })
  await expect(empty()).rejects.toMatchObject(refusal)
  const { version } = await lou.call('people.view', { personId: lou.id })
  await expect(leave(version)).rejects.toMatchObject(refusal)
  await world.grant(ada, 'securityAdmin')
  await empty()
  expect(await left()).toEqual([ada.id])
})

test('an end of a grant, also one that is only to come by the clock, never counts on another that has one', async () => {
  const ben = await world.as('ben')
  await grantTo({ kind: 'person', id: ben.id }, '2099-01-01T00:00:00Z')
  await expect(revoke(ada)).rejects.toMatchObject(refusal)
  const [grant] = await grantsOf(ada.id)
  const end = () =>
    ada.call(
      'grants.update',
      { grantId: grant?.id ?? '', expiresAt: '2099-01-01T00:00:00Z' },
      { version: grant?.version ?? 0 },
    )
  await expect(end()).rejects.toMatchObject(refusal)
  const [lasting] = await grantsOf(ben.id)
  await ada.call(
    'grants.update',
    { grantId: lasting?.id ?? '', expiresAt: null },
    { version: lasting?.version ?? 0 },
  )
  await end()
  expect(await left()).toEqual([ben.id])
})

test('who was imported and has never signed in is no administrator to count on', async () => {
  await ada.call('people.import', { csv: 'email,name\nben@meridian.example,Ben\n' })
  const [imported] = (await ada.call('people.list', { search: 'ben@' })).items
  await grantTo({ kind: 'person', id: imported?.id ?? '' })
  await expect(revoke(ada)).rejects.toMatchObject(refusal)
  await world.as('ben')
  await revoke(ada)
  expect(await left()).toEqual([imported?.id])
})

test('a role that is narrowed', async () => {
  const whole = await ada.call('roles.create', {
    name: 'Everything',
    description: '',
    permissions: [...permissions],
  })
  const ben = await world.as('ben')
  await world.grant(ben, whole)
  await revoke(ada, ben)
  const narrow = () =>
    ben.call(
      'roles.update',
      { roleId: whole.id, permissions: permissions.filter((one) => one !== 'audit:export') },
      { version: whole.version },
    )
  await expect(narrow()).rejects.toMatchObject(refusal)
  await world.grant(ada, 'securityAdmin')
  await narrow()
  expect(await left()).toEqual([ada.id])
})

test('an import takes no membership away', async () => {
  const { people } = await onlyByGroup('kim')
  await people[0]!.call('people.import', {
    csv: 'email,name,team\nkim@meridian.example,Kim,Elsewhere\n',
  })
  expect(await left()).toEqual([people[0]!.id])
})

test('enforced policies under which nobody who is left could manage anything', async () => {
  const ben = await world.as('ben')
  await grantTo({ kind: 'person', id: ben.id })
  const text = `forbid (principal, action == Sallyport::Action::"grant:create", resource)
unless { principal == Sallyport::Person::"${ada.id}" };\n`
  const made = await enforced([ada, ben], { name: 'Ada grants', text })
  await expect(revoke(ada, ben)).rejects.toMatchObject({
    ...refusal,
    message: expect.stringContaining('enforced policies'),
  })
  const { version } = await ben.call('people.view', { personId: ada.id })
  await expect(
    ben.call('people.update', { personId: ada.id, state: 'left' }, { version }),
  ).rejects.toMatchObject(refusal)
  // Negative control: without the policy the other one is enough.
  await ben.call(
    'policies.endEnforcement',
    { policyId: made.id, mode: 'draft', reason: 'too narrow' },
    { version: made.version },
  )
  await revoke(ada, ben)
  expect(await left()).toEqual([ben.id])
})
