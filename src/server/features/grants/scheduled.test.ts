import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { inTransaction } from '../../db/transaction.ts'
import { emit } from '../../ledger/emit.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

/*
 * A grant that has not begun yet holds nothing: wherever live grants are counted it is not among them, and from the moment
 * that it begins it is.
 */

let world: World
let ada: WorldPerson
let segment: { id: string; name: string }
let lee: WorldPerson
let grantId: string

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000)

/** Below the door: when the grant begins and ends, and when the person was here last. */
async function set(begins: number) {
  await inTransaction(world.app.db, { readOnly: false }, async (db, transaction) => {
    const times = { startsAt: inDays(begins), expiresAt: inDays(5), grantedAt: inDays(-2) }
    await db.updateTable('accessGrant').set(times).where('id', '=', grantId).execute()
    const seen = { createdAt: inDays(-200), lastSeenAt: inDays(-100) }
    await db.updateTable('person').set(seen).where('id', '=', lee.id).execute()
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'test' },
      action: 'test.set',
      outcome: 'permitted',
    })
  })
}

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  lee = await world.as('lee')
  segment = await ada.call('segments.create', { name: 'Staging', tier: 'staging' })
  grantId = await world.grant(lee, 'teamLead', { kind: 'segment', ...segment })
})
afterAll(() => world.close())

/** Everywhere that says how many live grants there are. */
async function told() {
  await world.app.ledger.settle()
  await world.app.findings.look({ all: true })
  const { items } = await ada.call('findings.list', { person: lee.id })
  const role = await ada.call('roles.view', { roleId: builtInRoles.teamLead.id })
  const overview = await ada.call('overview.view', {})
  return {
    role: role.grants,
    findings: items.filter(({ state }) => state === 'open').map(({ detection }) => detection),
    overview: JSON.stringify(overview).includes(grantId),
    listed: (await ada.call('grants.list', { person: lee.id, state: 'live' })).items.length,
    segment: await ada
      .call('segments.remove', { segmentId: segment.id }, { version: 1 })
      .catch((error: Error) => error.message),
  }
}

test('is live nowhere before it begins', async () => {
  await set(1)
  expect(await told()).toEqual({
    role: 0,
    findings: [],
    overview: false,
    listed: 0,
    segment: 'Staging holds 1 scheduled grants. Move or remove them first.',
  })
})

test('the control: from then on it is, everywhere', async () => {
  await set(-1)
  expect(await told()).toEqual({
    role: 1,
    findings: ['dormant-access'],
    overview: true,
    listed: 1,
    segment: 'Staging holds 1 live grants. Move or remove them first.',
  })
})

test('has an end, which is after its beginning: whoever changes it, and below the door', async () => {
  const prolong = async (expiresAt: string | null) => {
    const { version } = await ada.call('grants.view', { grantId })
    return ada.call('grants.update', { grantId, expiresAt }, { version })
  }
  for (const begins of [-1, 2]) {
    await set(begins)
    await expect(prolong(null)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('`expiresAt` must be given'),
    })
    const before = inDays(begins - 1).toISOString()
    await expect(prolong(before)).rejects.toMatchObject({ code: 'invalid_input' })
    const at = inDays(30).toISOString()
    expect(await prolong(at)).toMatchObject({ expiresAt: at })
    const below = inTransaction(world.app.db, { readOnly: false }, (db) =>
      db.updateTable('accessGrant').set({ expiresAt: null }).where('id', '=', grantId).execute(),
    )
    await expect(below).rejects.toMatchObject({ constraint: 'access_grant_starts_check' })
  }
  // Its twin without a beginning stands for good.
  const standing = await world.grant(lee, 'developer', { kind: 'segment', ...segment })
  const { version } = await ada.call('grants.view', { grantId: standing })
  const end = { grantId: standing, expiresAt: inDays(1).toISOString() }
  const limited = await ada.call('grants.update', end, { version })
  const endless = { grantId: standing, expiresAt: null }
  expect(
    (await ada.call('grants.update', endless, { version: limited.version })).expiresAt,
  ).toBeUndefined()
})
