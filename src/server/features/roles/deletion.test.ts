import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from 'kysely'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import type { Permission } from '../../../contract/permissions.ts'
import { inTransaction } from '../../db/transaction.ts'
import { emit } from '../../ledger/emit.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
let sam: WorldPerson
beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  sam = await world.as('sam')
})
afterAll(() => world.close())

const role = (name: string, permissions: Permission[] = ['context:view']) =>
  ada.call('roles.create', { name, description: '', permissions })
const grant = (roleId: string, more: { expiresAt?: string; context?: string } = {}) =>
  ada.call('grants.create', {
    roleId,
    subject: { kind: 'person', id: sam.id },
    scope: more.context ? { kind: 'context', id: more.context } : { kind: 'organization' },
    reason: 'on call',
    ...(more.expiresAt && { expiresAt: more.expiresAt }),
  })
const remove = (roleId: string, version = 1) => ada.call('roles.remove', { roleId }, { version })

/** Lets a grant's or token's end lie in the past. */
const expire = (table: 'access_grant' | 'api_token', id: string) =>
  inTransaction(world.app.db, { readOnly: false }, async (db, transaction) => {
    const begin = table === 'access_grant' ? sql`granted_at` : sql`created_at`
    await sql`update ${sql.table(table)}
      set ${begin} = now() - interval '2 days', expires_at = now() - interval '1 day'
      where id = ${id}`.execute(db)
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'test' },
      action: 'grants.update',
      outcome: 'permitted',
    })
  })

test('a role that somebody holds stays, and the refusal says how many hold it and where', async () => {
  const held = await role('Held')
  const context = await ada.call('contexts.create', { name: 'prod-deploy', description: '' })
  const everywhere = await grant(held.id)
  const there = await grant(held.id, { context: context.id })
  await expect(remove(held.id)).rejects.toMatchObject({
    code: 'in_use',
    message: expect.stringMatching(/2 live grants \(the organization, prod-deploy\)/),
  })
  await ada.call('grants.revokeMany', { grantIds: [everywhere.id, there.id], reason: 'moved on' })
  const token = await ada.call('apiTokens.create', {
    name: 'deploy script',
    roleId: held.id,
    expiresInDays: 1,
    allowSensitive: false,
  })
  await expect(remove(held.id)).rejects.toMatchObject({
    code: 'in_use',
    message: expect.stringMatching(/1 live API token \(deploy script of Ada\)/),
  })
  await ada.call('apiTokens.revoke', { apiTokenId: token.id })
  // Negative control: once nobody holds it, it goes.
  await remove(held.id)
  await expect(ada.call('roles.view', { roleId: held.id })).rejects.toMatchObject({
    code: 'not_found',
  })
})

test("what was granted of a role that is gone keeps the role's name, and names no role to go to", async () => {
  const gone = await role('Release captain')
  const revoked = await grant(gone.id)
  await ada.call('grants.revoke', { grantId: revoked.id, reason: 'moved on' }, revoked)
  const expired = await grant(gone.id, { expiresAt: '2099-01-01T00:00:00Z' })
  await expire('access_grant', expired.id)
  const { id: tokenId } = await ada.call('apiTokens.create', {
    name: 'nightly',
    roleId: gone.id,
    expiresInDays: 1,
    allowSensitive: false,
  })
  await expire('api_token', tokenId)
  await ada.call('roles.update', { roleId: gone.id, name: 'Release manager' }, { version: 1 })
  await expect(remove(gone.id)).rejects.toMatchObject({
    code: 'stale',
    problem: { current: { name: 'Release manager', version: 2 } },
  })
  await remove(gone.id, 2)

  const role_ = { name: 'Release manager' }
  expect(await ada.call('grants.view', { grantId: revoked.id })).toMatchObject({
    role: role_,
    state: 'ended',
    endReason: 'moved on',
  })
  const over = await ada.call('grants.view', { grantId: expired.id })
  expect(over).toMatchObject({ role: role_, state: 'expired' })
  expect(over.role).not.toHaveProperty('id')
  const states = async (state: 'expired' | 'ended') =>
    (await ada.call('grants.list', { state, person: sam.id })).items.map(({ id }) => id)
  expect(await states('expired')).toContain(expired.id)
  expect(await states('ended')).toContain(revoked.id)
  expect(await states('ended')).not.toContain(expired.id)
  const tokens = await ada.call('apiTokens.list', { everyone: true })
  expect(tokens.items.find(({ id }) => id === tokenId)).toMatchObject({
    role: role_,
    state: 'expired',
  })
  expect(await world.lastEvent()).not.toMatchObject({ outcome: 'failed' })
  expect((await world.events()).findLast(({ action }) => action === 'roles.remove')).toMatchObject({
    outcome: 'permitted',
    before: { name: 'Release manager', permissions: ['context:view'] },
  })
})

test('who may not see grants and tokens is told how many there are, not where', async () => {
  const held = await role('Hidden')
  const keeper = await role('Role keeper', ['role:view', 'role:delete'])
  const context = await ada.call('contexts.create', { name: 'quiet', description: '' })
  await grant(held.id, { context: context.id })
  const kim = await world.as('kim')
  await world.grant(kim, keeper)
  const refused = kim.call('roles.remove', { roleId: held.id }, { version: 1 })
  await expect(refused).rejects.toMatchObject({
    code: 'in_use',
    message: expect.not.stringContaining('quiet'),
  })
  await expect(refused).rejects.toThrow('1 live grant')
})

test('of a deletion and a grant of the same role at once, one wins and the other is told', async () => {
  for (let round = 0; round < 6; round++) {
    const raced = await role(`Raced ${round}`)
    const [gone, granted] = await Promise.allSettled([remove(raced.id), grant(raced.id)])
    const won = [gone, granted].filter(({ status }) => status === 'fulfilled')
    expect(won).toHaveLength(1)
    const lost = [gone, granted].find(({ status }) => status === 'rejected')
    expect(lost).toMatchObject({ reason: { code: expect.stringMatching(/^(in_use|not_found)$/) } })
  }
})

test('a context, project or segment whose grants have all expired can go too', async () => {
  const context = await ada.call('contexts.create', { name: 'short-lived', description: '' })
  const made = await grant(builtInRoles.developer.id, {
    context: context.id,
    expiresAt: '2099-01-01T00:00:00Z',
  })
  const removal = () =>
    ada.call(
      'contexts.remove',
      { contextId: context.id, confirm: 'short-lived' },
      { version: context.version },
    )
  await expect(removal()).rejects.toMatchObject({ code: 'in_use' })
  await expire('access_grant', made.id)
  await removal()
  expect(await ada.call('grants.view', { grantId: made.id })).toMatchObject({
    state: 'expired',
    scope: { kind: 'context', name: 'short-lived' },
  })
})
