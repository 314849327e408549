import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OperationId } from '../../contract/index.ts'
import { changing, openChanges, sendChange, stateOf } from '../testing/changes.ts'
import { openWorld, type World } from '../testing/world.ts'

/* Names cannot impersonate (P37): whatever people tell things apart by, asked of every operation that takes a name. */

let world: World
let changes: Awaited<ReturnType<typeof openChanges>>
beforeAll(async () => {
  world = await openWorld()
  changes = await openChanges(world)
})
afterAll(() => world.close())

const naming: readonly OperationId[] = [
  'apiTokens.create',
  'auditViews.create',
  'auditViews.update',
  'contexts.create',
  'contexts.update',
  'issuers.create',
  'issuers.update',
  'policies.create',
  'policies.update',
  'policyTests.create',
  'policyTests.fromDecision',
  'policyTests.update',
  'projects.create',
  'projects.update',
  'reviews.create',
  'roles.create',
  'roles.update',
  'segments.create',
  'segments.update',
  'trustRules.create',
  'trustRules.update',
  'vaults.create',
  'vaults.update',
]
/**
 * API tokens are one's own, and told apart by their last characters; projects, issuers and vaults by their address, trust rules
 * by their issuer, tests by their policy; reviews that follow each other have one name.
 */
const unique = naming.filter(
  (id) => !/^(apiTokens|projects|issuers|trustRules|vaults|policyTests|reviews)\./.test(id),
)

test('these are all that take a name in their body', () => {
  const taking = changing.filter(({ spec }) => spec.body && 'name' in spec.body.shape)
  expect(taking.map(({ id }) => id).toSorted()).toEqual(naming.toSorted())
})

const hostile = [
  'pаyments',
  'соре',
  'ａｄｍｉｎ',
  'ad\u200bmin',
  'admin\u202e',
  '\u001b[31mred',
  'a  b',
]

describe('a name that could pass for another is refused at its field', () => {
  test.each(naming)('%s', async (id) => {
    const change = await changes.ready(id)
    const before = await stateOf(world.app.db)
    for (const name of hostile) {
      const sent = await sendChange(change, { body: { ...change.body, name } })
      expect(sent).toMatchObject({
        status: 400,
        body: {
          code: 'invalid_input',
          fields: [{ path: 'name', message: expect.stringMatching(/^must not/) }],
        },
      })
    }
    expect(await stateOf(world.app.db)).toEqual(before)
    // The control: a name of one script, not Latin, is taken.
    const name = `Платежи ${Math.floor(Math.random() * 1e9)}`
    const { status } = await sendChange(change, { body: { ...change.body, name } })
    expect(status).toBeLessThan(300)
  })
})

describe('of names that differ by case only, there is one', () => {
  const pairs = [
    ['production', 'PRODUCTION'],
    ['Équipe ÄÖÜ', 'éQUIPE äöü'],
    ['Платежи', 'ПЛАТЕЖИ'],
    ['Πληρωμή', 'ΠΛΗΡΩΜΉ'],
  ] as const
  test.each(unique)('%s', async (id) => {
    for (const [one, other] of pairs) {
      const tail = ` ${randomUUID().slice(0, 8).replaceAll(/\D/g, '7')}`
      const creating = id.replace('update', 'create') as OperationId
      const first = await changes.ready(creating)
      const made = await sendChange(first, { body: { ...first.body, name: one + tail } })
      expect(made).toMatchObject({ status: 201 })
      const second = await changes.ready(id)
      const refused = await sendChange(second, { body: { ...second.body, name: other + tail } })
      expect([other, refused]).toMatchObject([other, { status: 409, body: { code: 'name_taken' } }])
    }
  })
})

test('whom an identity provider names is shown without what cannot be seen; such a group is no team', async () => {
  const person = await world.as('mallory', {
    name: 'Ada\u202e Lovelace\u200b\u001b[31m',
    groups: ['platform', 'plаtform', 'plat\u200bform', 'PLATFORM'],
  })
  expect(person.name).toBe('Ada Lovelace [31m')
  const { items } = await changes.ada.call('teams.list', {})
  expect(items.map(({ name }) => name)).toEqual(['platform'])
  const disguised = await world.browser({ sub: 'x', email: 'аda@meridian.example', name: 'Ada' })
  await expect(disguised.call('sessions.start', {})).rejects.toMatchObject({ code: 'forbidden' })
})

test('an import takes no disguised name', async () => {
  const { lines } = await changes.ada.call('people.preview', {
    csv: 'email,name,team\na@meridian.example,Аda,\nb@meridian.example,Ben,plаtform\n',
  })
  expect(lines.map(({ what }) => what)).toEqual(['error', 'error'])
})
