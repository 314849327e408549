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

describe('writing', () => {
  test('a new policy is a draft, which nothing asks; its event says its text', async () => {
    const made = await draft(forbid('context:create'))
    expect(made).toMatchObject({
      mode: 'draft',
      currentVersion: 1,
      versionInForce: null,
      asked: null,
      denials: 0,
      createdBy: { name: 'Ada' },
    })
    expect(made.allowed).toEqual([
      'policy:view',
      'policy:create',
      'policy:update',
      'policy:enforce',
      'policy:delete',
    ])
    expect(await world.lastEvent()).toMatchObject({
      action: 'policies.create',
      resource: { kind: 'policy', id: made.id },
      after: { mode: 'draft', text: forbid('context:create') },
    })
    await context()
  })

  test('each new text is a version; versions are compared and rolled back by a newer one', async () => {
    const made = await draft(forbid('context:create'))
    const id = { policyId: made.id }
    const second = await ada.call(
      'policies.update',
      { ...id, text: forbid('context:delete'), summary: 'Deleting instead' },
      { version: 1 },
    )
    expect(second).toMatchObject({ currentVersion: 2, version: 2, text: forbid('context:delete') })
    const renamed = await ada.call(
      'policies.update',
      { ...id, name: `Renamed ${made.id}`, text: forbid('context:delete') },
      { version: 2 },
    )
    expect(renamed).toMatchObject({ currentVersion: 2, version: 3 })
    const compared = await noor.call('policies.compare', { ...id, from: 1, until: 2 })
    expect([compared.from.text, compared.until.text]).toEqual([made.text, second.text])
    const back = await ada.call('policies.rollback', { ...id, to: 1 }, { version: 3 })
    expect(back).toMatchObject({ currentVersion: 3, text: made.text })
    expect(await world.lastEvent()).toMatchObject({
      before: { text: second.text },
      after: { text: made.text, currentVersion: 3 },
    })
    await expect(
      ada.call('policies.rollback', { ...id, to: 1 }, { version: 4 }),
    ).rejects.toMatchObject({ code: 'conflict' })
    const first = await ada.call('policies.versions', { ...id, limit: 2 })
    expect(first.items.map(({ number, summary }) => [number, summary])).toEqual([
      [3, 'Version 1 again'],
      [2, 'Deleting instead'],
    ])
    const rest = await ada.call('policies.versions', { ...id, cursor: first.next ?? '' })
    expect(rest).toMatchObject({ items: [{ number: 1, current: false }] })
    expect(rest.next).toBeUndefined()
  })

  test('a lost race is 412 with what there is now, a change without If-Match 428 (P43)', async () => {
    const made = await draft('')
    const id = { policyId: made.id }
    await ada.call('policies.update', { ...id, description: 'first' }, { version: 1 })
    for (const late of [
      () => ben.call('policies.update', { ...id, description: 'second' }, { version: 1 }),
      () => ben.call('policies.remove', id, { version: 1 }),
      () => ben.call('policies.rollback', { ...id, to: 1 }, { version: 1 }),
    ]) {
      await expect(late()).rejects.toMatchObject({ code: 'stale' })
    }
    await expect(ben.call('policies.update', { ...id, description: 'x' })).rejects.toMatchObject({
      code: 'version_required',
    })
    expect(await ada.call('policies.view', id)).toMatchObject({ description: 'first', version: 2 })
  })

  test('a name is taken once; too much text and invisible characters are refused', async () => {
    const made = await draft('')
    await expect(
      ada.call('policies.create', { name: made.name.toUpperCase(), text: '' }),
    ).rejects.toMatchObject({ code: 'name_taken' })
    for (const text of ['x'.repeat(16_385), '“'.repeat(8_000), 'forbid \u202e(principal)']) {
      await expect(draft(text)).rejects.toMatchObject({ code: 'invalid_input' })
    }
  })

  test('who only looks changes nothing, and is told the permission', async () => {
    const made = await draft('')
    for (const person of [sam, noor]) {
      await expect(
        person.call('policies.create', { name: 'Mine', text: '' }),
      ).rejects.toMatchObject({
        problem: { permission: 'policy:create' },
      })
      await expect(
        person.call('policies.update', { policyId: made.id, text: ' ' }, { version: 1 }),
      ).rejects.toMatchObject({ code: 'forbidden' })
      expect(await person.call('policies.view', { policyId: made.id })).toMatchObject({
        allowed: ['policy:view'],
      })
    }
    const stranger = await world.as('eve')
    await expect(stranger.call('policies.list', {})).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('lists by name, pages by cursor, searches by mode and words', async () => {
    for (const name of ['aa 50%', 'aa 500', 'AB']) {
      await ada.call('policies.create', { name, text: '' })
    }
    const first = await ada.call('policies.list', { limit: 2 })
    expect(first.items.map(({ name }) => name)).toEqual(['aa 50%', 'aa 500'])
    const next = await ada.call('policies.list', { limit: 1, cursor: first.next ?? '' })
    expect(next.items.map(({ name }) => name)).toEqual(['AB'])
    const found = await ada.call('policies.list', { q: '50%' })
    expect(found.items).toHaveLength(1)
    expect((await ada.call('policies.list', { mode: 'draft', q: 'aa 5' })).items).toHaveLength(2)
    expect((await ada.call('policies.list', { mode: 'enforce', q: 'aa 5' })).items).toEqual([])
  })
})

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
    const ended = await ben.call('policies.endEnforcement', { ...id, mode: 'draft' }, at)
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
        { policyId: enforced.id, mode: 'draft' },
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

describe('the editor', () => {
  test('problems carry the editor’s own offsets, after letters of several bytes too', async () => {
    const text = '// ä€😀\nforbid (principal, action, resource) when { context.nope == 1 };'
    const checked = await noor.call('policies.validate', { text })
    expect(checked.valid).toBe(false)
    const [problem] = checked.problems
    expect(text.slice(problem?.from, problem?.to)).toContain('context.nope')
    const good = await noor.call('policies.validate', {
      text: forbid('context:use', 'when { context.fromFork }'),
    })
    expect(good).toEqual({ problems: [], actions: ['context:use'], valid: true })
    const nested = await noor.call('policies.validate', { text: '('.repeat(10_000) })
    expect(nested).toMatchObject({ valid: false, problems: [{ from: 40 }] })
  })

  test('hostile text is refused each time, and decisions go on as before (P17)', async () => {
    const forms = ['(', '[', '!(', '{a:', 'if ', '!', '-', '[[{a:(']
    const hostile = forms.flatMap((form) => [130, 2_000].map((times) => form.repeat(times)))
    hostile.push(Array(500).fill('true').join(' || '), Array(500).fill('true').join(' && '))
    for (const condition of hostile) {
      const text = forbid('context:use', `when { ${condition} }`)
      expect(await noor.call('policies.validate', { text })).toMatchObject({ valid: false })
      const good = await noor.call('policies.validate', { text: forbid('context:use') })
      expect(good.valid).toBe(true)
    }
    await context()
  })

  test('starters and the schema are there for who may see policies', async () => {
    const { items } = await sam.call('policies.starters', {})
    expect(items.length).toBeGreaterThanOrEqual(12)
    const schema = await sam.call('policies.schema', {})
    const use = schema.actions.find(({ name }) => name === 'context:use')
    expect(use?.context.find(({ name }) => name === 'approvals')).toEqual({
      name: 'approvals',
      type: 'Long',
      optional: false,
      says: 'how many different people approved',
    })
  })
})
