import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

/*
 * Nobody can grant what they do not hold, and none of it for longer than they hold it: who administers for an hour does
 * not become an administrator for good without somebody who is one.
 */

let world: World
let ada: WorldPerson
let temp: WorldPerson
let ownId: string

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()
const roleId = builtInRoles.securityAdmin.id
const organization = { kind: 'organization' } as const

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  temp = await world.as('temp')
  const own = await ada.call('grants.create', {
    roleId,
    subject: { kind: 'person', id: temp.id },
    scope: organization,
    expiresAt: inHours(1),
    reason: 'for an incident',
  })
  ownId = own.id
})
afterAll(() => world.close())

const give = (by: WorldPerson, expiresAt?: string, to = temp) =>
  by.call('grants.create', {
    roleId,
    subject: { kind: 'person', id: to.id },
    scope: organization,
    ...(expiresAt && { expiresAt }),
    reason: 'more',
  })
const tooLong = {
  code: 'forbidden',
  message: expect.stringMatching(/^Nobody can grant for longer than they hold\..* until /),
}

test('what is held for a time is given no longer than that, neither to oneself nor to others', async () => {
  const other = await world.as('other')
  for (const to of [temp, other]) {
    await expect(give(temp, undefined, to)).rejects.toMatchObject(tooLong)
    await expect(give(temp, inHours(2), to)).rejects.toMatchObject(tooLong)
    expect(await give(temp, inHours(0.5), to)).toMatchObject({ state: 'live' })
  }
  // The controls: who holds it for good may.
  expect(await give(ada, inHours(3), other)).toMatchObject({ state: 'live' })
  expect(await give(ada, undefined, other)).toMatchObject({ state: 'live' })
})

test('nobody prolongs their own; to end what another has sooner is no granting', async () => {
  const change = async (by: WorldPerson, grantId: string, expiresAt: string | null) => {
    const { version } = await by.call('grants.view', { grantId })
    return by.call('grants.update', { grantId, expiresAt }, { version })
  }
  await expect(change(temp, ownId, inHours(5))).rejects.toMatchObject(tooLong)
  await expect(change(temp, ownId, null)).rejects.toMatchObject(tooLong)
  const standing = await give(ada, undefined, await world.as('standing'))
  expect(await change(temp, standing.id, inHours(5))).toMatchObject({ state: 'live' })
  await expect(change(temp, standing.id, inHours(6))).rejects.toMatchObject(tooLong)
  expect(await change(temp, standing.id, inHours(4))).toMatchObject({ state: 'live' })
  expect(await change(ada, ownId, inHours(5))).toMatchObject({ state: 'live' })
})

test('nor by a team whose access has no end', async () => {
  const late = await world.as('late')
  await ada.call('grants.create', {
    roleId,
    subject: { kind: 'person', id: late.id },
    scope: organization,
    expiresAt: inHours(1),
    reason: '',
  })
  await ada.call('people.import', {
    csv: 'email,name,team\nfirst@meridian.example,First,Platform\n',
  })
  const [team] = (await ada.call('teams.list', { search: 'Platform' })).items
  if (!team) throw new Error('no team was made')
  await ada.call('grants.create', {
    roleId,
    subject: { kind: 'team', id: team.id },
    scope: organization,
    reason: 'they run it',
  })
  const join = async (by: WorldPerson) => {
    const { version } = await by.call('teams.view', { teamId: team.id })
    return by.call('teams.update', { teamId: team.id, add: [late.id] }, { version })
  }
  await expect(join(late)).rejects.toMatchObject(tooLong)
  await join(ada)
})
