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
let count = 0
const draft = (text: string) =>
  ada.call('policies.create', { name: `Policy ${++count}`, description: 'For a test', text })
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
