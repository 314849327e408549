import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { migrate } from '../../db/migrate.ts'
import { newId } from '../../db/new-id.ts'
import { emptyDatabase } from '../../testing/test-database.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

const day = 86_400_000
const text = 'forbid (principal, action, resource) when { false };'

/** In how many days it is to be decided on, of a policy that is tried. */
const daysLeft = ({ evaluateUntil }: { evaluateUntil: string | null }) =>
  evaluateUntil === null ? null : Math.round((Date.parse(evaluateUntil) - Date.now()) / day)

async function late(world: World, ada: WorldPerson, days: number) {
  await world.app.ledger.settle()
  await world.app.findings.look({ all: true, now: new Date(Date.now() + days * day) })
  const filters = { detection: 'policy-evaluate-late', state: 'any' as const }
  return (await ada.call('findings.list', filters)).items
}

test('a policy is tried until a date, 30 days from now unless somebody says; only trying has one', async () => {
  await using world = await openWorld()
  const [ada, ben] = [await world.as('ada'), await world.as('ben')]
  await world.grant(ben, 'securityAdmin')
  const made = await ada.call('policies.create', { name: 'Tried', text })
  const id = { policyId: made.id }
  expect(daysLeft(made)).toBeNull()
  const tried = await ada.call('policies.setMode', { ...id, mode: 'evaluate' }, made)
  expect(daysLeft(tried)).toBe(30)
  expect((await ada.call('policies.list', {})).items.map(daysLeft)).toEqual([30])

  // Longer or shorter by whoever may change it, with the reason on record; not without end, and not the same again.
  const set = (evaluateDays?: number, reason = 'The audit is in May') =>
    ada.call(
      'policies.setMode',
      { ...id, mode: 'evaluate', reason, ...(evaluateDays && { evaluateDays }) },
      tried,
    )
  await expect(set()).rejects.toMatchObject({ code: 'conflict' })
  await expect(set(181)).rejects.toMatchObject({ code: 'invalid_input', status: 400 })
  await expect(set(180, ' ')).rejects.toMatchObject({ code: 'invalid_input' })
  const longer = await set(180)
  expect(daysLeft(longer)).toBe(180)
  expect(await world.lastEvent()).toMatchObject({
    action: 'policies.setMode',
    before: { mode: 'evaluate', versionInForce: 1, evaluateUntil: tried.evaluateUntil },
    after: { mode: 'evaluate', versionInForce: 1, evaluateUntil: longer.evaluateUntil },
    detail: { reason: 'The audit is in May' },
  })
  const sam = await world.as('sam')
  await world.grant(sam, 'developer')
  await expect(
    sam.call('policies.setMode', { ...id, mode: 'evaluate', evaluateDays: 90 }, longer),
  ).rejects.toMatchObject({ code: 'forbidden' })

  const asked = await ada.call('policies.askEnforcement', id, longer)
  const now = await ada.call('policies.view', id)
  expect(daysLeft(asked)).toBe(180)
  const enforced = await ben.call('policies.approveEnforcement', id, now)
  expect(enforced).toMatchObject({ mode: 'enforce', evaluateUntil: null })
  const end = (mode: 'draft' | 'evaluate', evaluateDays?: number) =>
    ben.call(
      'policies.endEnforcement',
      { ...id, mode, reason: 'It broke', ...(evaluateDays && { evaluateDays }) },
      enforced,
    )
  await expect(end('draft', 7)).rejects.toMatchObject({ code: 'invalid_input' })
  const ended = await end('evaluate', 7)
  expect(daysLeft(ended)).toBe(7)
  const back = await ada.call('policies.setMode', { ...id, mode: 'draft' }, ended)
  expect(back).toMatchObject({ mode: 'draft', evaluateUntil: null })
})

test('past its date a finding says so, and goes when it is tried on or enforced', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const made = await ada.call('policies.create', { name: 'Tried', text })
  const set = (evaluateDays: number, at: { version: number }) =>
    ada.call(
      'policies.setMode',
      { policyId: made.id, mode: 'evaluate', evaluateDays, reason: 'We wait for the audit' },
      at,
    )
  const tried = await set(7, made)
  expect(await late(world, ada, 6)).toEqual([])
  const [finding] = await late(world, ada, 8)
  expect(finding).toMatchObject({
    state: 'open',
    subject: { kind: 'policy', id: made.id },
    says: `Tried was to be tried until ${tried.evaluateUntil?.slice(0, 10)}, and is in evaluate mode still.`,
  })
  const { fix } = await ada.call('findings.view', { findingId: finding?.id ?? '' })
  expect(fix).toMatchObject({ opens: 'policy.enforcement', id: made.id })
  await set(60, tried)
  expect(await late(world, ada, 8)).toMatchObject([{ id: finding?.id, state: 'resolved' }])
})

test('what was tried before there was a date has thirty days from when it was put there', async () => {
  const url = await emptyDatabase()
  const real = new URL('../../db/migrations/', import.meta.url)
  const folder = mkdtempSync(join(tmpdir(), 'migrations-'))
  cpSync(real, folder, { recursive: true })
  rmSync(join(folder, '0103_evaluate_until.sql'))
  await migrate(url, () => {}, pathToFileURL(`${folder}/`))
  rmSync(folder, { recursive: true })
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const add = async (name: string, mode: 'draft' | 'evaluate' | 'enforce', writtenAt: string) => {
      const id = newId()
      await client.query('begin')
      await client.query(
        "insert into audit_queue (event_id, occurred_at, leaf) values ($1, now(), '{}')",
        [newId()],
      )
      await client.query(
        'insert into policy (id, name, mode, version_in_force) values ($1, $2, $3, $4)',
        [id, name, mode, mode === 'draft' ? null : 1],
      )
      await client.query(
        'insert into policy_version (policy_id, number, text, created_at) values ($1, 1, $2, $3)',
        [id, text, writtenAt],
      )
      await client.query('commit')
      return id
    }
    await add('tried', 'evaluate', '2026-03-01T00:00:00Z')
    await add('enforced', 'enforce', '2026-03-01T00:00:00Z')
    await add('draft', 'draft', '2026-03-01T00:00:00Z')
    // Written earlier than it was put there, as the record says.
    await client.query(
      `insert into audit_entry (leaf_index, event_id, leaf, leaf_hash, occurred_at, actor_kind, actor_id, actor_name,
        action, noun, resource_kind, resource_id, outcome)
      values (0, $1, '{}', '{}', '2026-03-10T00:00:00Z', 'person', 'x', 'x', 'policies.setMode', 'policies', 'policy', $2, 'permitted')`,
      [newId(), await add('written early', 'evaluate', '2026-02-01T00:00:00Z')],
    )
    expect(await migrate(url)).toBe(1)
    const { rows } = await client.query('select name, evaluate_until from policy order by name')
    expect(rows).toEqual([
      { name: 'draft', evaluate_until: null },
      { name: 'enforced', evaluate_until: null },
      { name: 'tried', evaluate_until: new Date('2026-03-31T00:00:00Z') },
      { name: 'written early', evaluate_until: new Date('2026-04-09T00:00:00Z') },
    ])
  } finally {
    await client.end()
  }
})
