import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../db/new-id.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
let ben: WorldPerson
let sam: WorldPerson
let noor: WorldPerson

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  ben = await world.as('ben')
  sam = await world.as('sam')
  noor = await world.as('noor')
  await world.grant(ben, 'securityAdmin')
  await world.grant(sam, 'developer')
  await world.grant(noor, 'auditor')
})
afterAll(() => world.close())

const forbid = (action: string, clause = '') =>
  `@reason("not here")\nforbid (principal, action == Sallyport::Action::"${action}", resource)\n${clause};\n`
const broken = 'forbid (principal, action, resource) when { context.nope };'
let count = 0
const draft = (text: string) =>
  ada.call('policies.create', { name: `Policy ${++count}`, description: 'For a test', text })
const inMode = async (text: string, mode: 'evaluate' | 'enforce') => {
  const made = await draft(text)
  const id = { policyId: made.id }
  const tried = await ada.call('policies.setMode', { ...id, mode: 'evaluate' }, { version: 1 })
  if (mode === 'evaluate') return tried
  const asked = await ada.call('policies.askEnforcement', id, { version: tried.version })
  return ben.call('policies.approveEnforcement', id, { version: asked.version })
}
const context = (name = `context-${newId()}`) => ada.call('contexts.create', { name })

describe('modes', () => {
  test('what does not validate stays a draft', async () => {
    for (const text of ['', broken, 'forbid (principal', '('.repeat(200)]) {
      const made = await draft(text)
      const id = { policyId: made.id }
      await expect(
        ada.call('policies.setMode', { ...id, mode: 'evaluate' }, { version: 1 }),
      ).rejects.toMatchObject({ code: 'invalid_policy', status: 422 })
      expect(await ada.call('policies.view', id)).toMatchObject({ mode: 'draft', version: 1 })
    }
    await context()
  })

  test('evaluated: carried out, and recorded as what would be denied; counted on the list', async () => {
    const tried = await inMode(forbid('context:update'), 'evaluate')
    expect(tried).toMatchObject({ mode: 'evaluate', versionInForce: 1 })
    const made = await context()
    await ada.call('contexts.update', { contextId: made.id, description: 'x' }, { version: 1 })
    expect(await world.lastEvent()).toMatchObject({ outcome: 'would_deny' })
    const seen = await ada.call('policies.view', { policyId: tried.id })
    expect(seen).toMatchObject({ wouldDenials: 1, denials: 0 })
    const { items } = await ada.call('decisions.list', { policy: tried.id })
    expect(items).toMatchObject([{ outcome: 'would_deny', resource: { id: made.id } }])
    const asked = async (policyMode: 'evaluate' | 'enforce') =>
      (await ada.call('decisions.list', { policy: tried.id, policyMode })).items.length
    expect([await asked('evaluate'), await asked('enforce')]).toEqual([1, 0])
    // A newer version is not evaluated before it is put there.
    const id = { policyId: tried.id }
    await ada.call(
      'policies.update',
      { ...id, text: forbid('role:delete') },
      { version: seen.version },
    )
    await ada.call('contexts.update', { contextId: made.id, description: 'y' }, { version: 2 })
    expect(await ada.call('policies.view', id)).toMatchObject({
      wouldDenials: 2,
      textInForce: forbid('context:update'),
    })
    const there = await ada.call('policies.setMode', { ...id, mode: 'evaluate' }, { version: 3 })
    expect(there).toMatchObject({ versionInForce: 2, textInForce: null })
    const back = await ada.call('policies.setMode', { ...id, mode: 'draft' }, { version: 4 })
    expect(back).toMatchObject({ mode: 'draft', versionInForce: null })
  })

  test('enforced by a second person only, and in force on the very next request', async () => {
    const tried = await inMode(forbid('context:delete'), 'evaluate')
    const id = { policyId: tried.id }
    const target = await context()
    const asked = await ada.call(
      'policies.askEnforcement',
      { ...id, reason: 'Nothing is deleted' },
      { version: tried.version },
    )
    expect(asked.asked).toMatchObject({ version: 1, by: { id: ada.id }, mine: true })
    await expect(
      ada.call('policies.approveEnforcement', id, { version: asked.version }),
    ).rejects.toMatchObject({ code: 'conflict', message: expect.stringMatching(/themselves/) })
    await expect(
      noor.call('policies.approveEnforcement', id, { version: asked.version }),
    ).rejects.toMatchObject({ code: 'forbidden' })
    await expect(
      ada.call('policies.askEnforcement', id, { version: asked.version }),
    ).rejects.toMatchObject({ code: 'conflict' })
    // What is written after the request was made is not what is enforced.
    const newer = await ada.call(
      'policies.update',
      { ...id, text: forbid('role:delete') },
      { version: asked.version },
    )
    await expect(
      ben.call('policies.approveEnforcement', id, { version: asked.version }),
    ).rejects.toMatchObject({ code: 'stale' })
    const done = await ben.call('policies.approveEnforcement', id, { version: newer.version })
    expect(done).toMatchObject({
      mode: 'enforce',
      versionInForce: 1,
      currentVersion: 2,
      asked: null,
    })
    expect(await world.lastEvent()).toMatchObject({
      action: 'policies.approveEnforcement',
      actor: { id: ben.id },
      before: { mode: 'evaluate' },
      after: { mode: 'enforce', versionInForce: 1 },
      detail: { askedBy: { id: ada.id } },
    })
    await expect(
      ada.call('contexts.remove', { contextId: target.id, confirm: target.name }, { version: 1 }),
    ).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('not here') })
    expect(await ada.call('policies.view', id)).toMatchObject({ denials: 1 })
    expect(await ada.call('policies.approvals', id)).toMatchObject({
      items: [{ verdict: 'approved', askedBy: { id: ada.id }, decidedBy: { id: ben.id } }],
    })
    // Enforced ones are neither deleted nor quietly put back.
    const at = { version: done.version }
    await expect(ada.call('policies.remove', id, at)).rejects.toMatchObject({ code: 'in_use' })
    await expect(ada.call('policies.setMode', { ...id, mode: 'draft' }, at)).rejects.toMatchObject({
      code: 'conflict',
    })
    const ended = await ben.call(
      'policies.endEnforcement',
      { ...id, mode: 'draft', reason: 'tried' },
      at,
    )
    expect(ended).toMatchObject({ mode: 'draft', versionInForce: null })
    await ada.call(
      'contexts.remove',
      { contextId: target.id, confirm: target.name },
      { version: 1 },
    )
    await ada.call('policies.remove', id, { version: ended.version })
    await expect(ada.call('policies.view', id)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('a request is withdrawn by who made it, declined by another; a draft is not asked for', async () => {
    const tried = await inMode(forbid('segment:delete'), 'evaluate')
    const id = { policyId: tried.id }
    const asked = await ada.call('policies.askEnforcement', id, { version: tried.version })
    const at = { version: asked.version }
    await expect(ben.call('policies.withdraw', id, at)).rejects.toMatchObject({ code: 'conflict' })
    await expect(ada.call('policies.declineEnforcement', id, at)).rejects.toMatchObject({
      code: 'conflict',
    })
    await expect(ada.call('policies.setMode', { ...id, mode: 'draft' }, at)).rejects.toMatchObject({
      code: 'conflict',
    })
    const free = await ada.call('policies.withdraw', id, at)
    expect(free).toMatchObject({ mode: 'evaluate', asked: null })
    const again = await ada.call('policies.askEnforcement', id, { version: free.version })
    const declined = await ben.call('policies.declineEnforcement', id, { version: again.version })
    await expect(
      ben.call('policies.approveEnforcement', id, { version: declined.version }),
    ).rejects.toMatchObject({ code: 'already_decided' })
    const plain = await draft(forbid('segment:delete'))
    await expect(
      ada.call('policies.askEnforcement', { policyId: plain.id }, { version: 1 }),
    ).rejects.toMatchObject({ code: 'conflict' })
  })

  test('an old sign-in asks for confirmation first', async () => {
    const tried = await inMode(forbid('segment:delete'), 'evaluate')
    const old = await world.as('ada', { authTime: Math.floor(Date.now() / 1000) - 3600 })
    await expect(
      old.call('policies.askEnforcement', { policyId: tried.id }, { version: tried.version }),
    ).rejects.toMatchObject({ code: 'step_up_required' })
  })

  test('what would lock every administrator out is refused when asked for and when approved', async () => {
    const locks = [
      forbid('policy:enforce'),
      'forbid (principal, action in Sallyport::Action::"change", resource);',
      'forbid (principal, action, resource) when { context has now };',
      forbid('grant:create', 'when { context.now >= datetime("2020-01-01") }'),
      // Nobody but from an address where no administrator is.
      forbid(
        'role:update',
        'unless { context has ip && context.ip.isInRange(ip("198.51.100.0/24")) }',
      ),
      // Only from next week on: no less locked out for that.
      forbid(
        'role:update',
        `when { context.now >= datetime("${new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)}") }`,
      ),
    ]
    for (const text of locks) {
      const tried = await inMode(text, 'evaluate')
      await expect(
        ada.call('policies.askEnforcement', { policyId: tried.id }, { version: tried.version }),
      ).rejects.toMatchObject({ code: 'conflict', message: expect.stringMatching(/lock every/) })
      await ada.call(
        'policies.setMode',
        { policyId: tried.id, mode: 'draft' },
        { version: tried.version },
      )
    }
    // Negative controls: one of two administrators is kept, or an hour of every day.
    for (const text of [
      `forbid (principal == Sallyport::Person::"${ada.id}", action == Sallyport::Action::"role:delete", resource);`,
      forbid('grant:create', `when { principal == Sallyport::Person::"${noor.id}" }`),
    ]) {
      const enforced = await inMode(text, 'enforce')
      await ben.call(
        'policies.endEnforcement',
        { policyId: enforced.id, mode: 'draft', reason: 'tried' },
        { version: enforced.version },
      )
    }
    // Each spares one of the two; together they spare nobody.
    const spare = (person: WorldPerson) =>
      forbid('role:create', `unless { principal == Sallyport::Person::"${person.id}" }`)
    const one = await inMode(spare(ada), 'enforce')
    await expect(inMode(spare(ben), 'enforce')).rejects.toMatchObject({
      message: expect.stringMatching(/role:create/),
    })
    await ben.call(
      'policies.endEnforcement',
      { policyId: one.id, mode: 'draft' },
      { version: one.version },
    )
  })
})
