import { expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { operations } from '../../../contract/index.ts'
import { below } from '../../testing/below.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'
import { controls } from './catalogue.ts'
import { keepControls } from './service.ts'

const controlId = 'pci-dss-8.2.6'
const until = (days: number) => new Date(Date.now() + days * 86_400_000)

/** Somebody who holds a grant and was not here for 91 days. */
async function openDormant(world: World) {
  const { id } = await world.as('dora')
  await world.grant({ id }, 'developer')
  await below(world, (db) =>
    db
      .updateTable('person')
      .set({ lastSeenAt: until(-91) })
      .where('id', '=', id)
      .execute(),
  )
  return id
}

const keep = (world: World, now?: Date) =>
  keepControls({
    db: world.app.db,
    config: world.config,
    onError: (error) => {
      throw error
    },
    ...(now && { now }),
  })

test('controls are listed in the order of their frameworks, counted by state, and narrowed by framework, state and owner', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await world.app.findings.look({ all: true })
  const all = await ada.call('compliance.list', { limit: 200 })
  expect(all.items.map(({ id }) => id)).toEqual(controls.map(({ id }) => id))
  for (const framework of all.frameworks) {
    const own = all.items.filter((item) => item.framework === framework.id)
    const { met, partly, not_met, not_measurable } = framework
    expect(met + partly + not_met + not_measurable).toBe(own.length)
    expect(own.filter(({ state }) => state === 'met')).toHaveLength(met)
  }
  const pci = await ada.call('compliance.list', {
    framework: 'pci-dss',
    state: 'not_measurable',
    limit: 200,
  })
  expect(pci.items.length).toBeGreaterThan(0)
  expect(
    pci.items.every(
      ({ framework, state }) => framework === 'pci-dss' && state === 'not_measurable',
    ),
  ).toBe(true)
  expect(pci.frameworks).toEqual(all.frameworks)
  await ada.call('compliance.update', { controlId, ownerId: ada.id }, { version: 1 })
  const owned = await ada.call('compliance.list', { ownerId: ada.id })
  expect(owned.items.map(({ id }) => id)).toEqual([controlId])
  const twice = await ada.call('compliance.view', { controlId: 'soc-2-cc6.2' })
  const same = twice.checks.find(({ id }) => id === 'people-not-dormant')
  expect(same).toEqual((await ada.call('compliance.view', { controlId })).checks[0])
})

test('a control and a framework lead to the events behind them, which an evidence pack of them holds', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await world.grant(ada, 'auditor')
  await openDormant(world)
  await world.app.ledger.settle()
  const { trail } = await ada.call('compliance.view', { controlId })
  expect(trail).toBe('noun:people noun:teams')
  const all = await ada.call('compliance.list', { limit: 200 })
  expect(all.items.find(({ id }) => id === controlId)?.trail).toBe(trail)
  // What the record itself proves is proved by all of it.
  expect(all.items.find(({ id }) => id === 'pci-dss-10.3.2')?.trail).toBe('')
  // Where no list of live data is asked, as of clocks, no event stands behind it; where one is, some may.
  const unasked = controls
    .filter(({ asked }) => asked.every(({ list }) => list === undefined))
    .map(({ id }) => id)
  expect(unasked).toContain('pci-dss-10.6.1')
  expect(all.items.flatMap((item) => (item.trail === null ? [item.id] : []))).toEqual(unasked)
  expect(await ada.call('compliance.view', { controlId: 'pci-dss-10.6.1' })).toMatchObject({
    trail: null,
    checks: [{ id: 'clocks-agree' }],
  })
  const trails = [...all.items, ...all.frameworks].flatMap((each) => each.trail ?? [])
  for (const q of new Set(trails)) await ada.call('audit.list', { q })
  const whole = all.frameworks[0]?.trail ?? ''
  expect(whole).toContain('noun:grants')
  const { items } = await ada.call('audit.list', { q: whole, limit: 200 })
  expect(items.length).toBeGreaterThan(0)
  const nouns = new Set(items.map(({ action }) => action.split('.')[0]))
  expect([...nouns].every((noun) => whole.includes(`noun:${noun}`))).toBe(true)
})

test('what live data says changes with the data, with its rows and figures, and leads to the list', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await world.app.findings.look({ all: true })
  const before = await ada.call('compliance.view', { controlId })
  expect(before).toMatchObject({
    state: 'met',
    says: 'The one active person with access was here in the last 90 days, or is new.',
  })
  const dora = await openDormant(world)
  const after = await ada.call('compliance.view', { controlId })
  expect(after).toMatchObject({
    ref: 'PCI DSS 8.2.6',
    framework: 'pci-dss',
    state: 'partly',
    says: 'Of 2 active people with access, 1 was not here for 90 days.',
    checks: [
      {
        rows: [
          { kind: 'person', id: dora, name: 'Dora', says: 'last seen', good: false },
          { kind: 'person', id: ada.id, good: true },
        ],
        more: 0,
        hidden: 0,
        list: { opens: 'people', params: [{ name: 'unseenDays', value: '90' }] },
      },
    ],
  })
  await world.app.findings.look({ all: true, now: until(0) })
  const touched = await ada.call('compliance.view', { controlId: 'pci-dss-7.2.4' })
  expect(touched.findings.length + touched.moreFindings).toBe(
    (
      await Promise.all(
        ['grant-without-end', 'privileged-unused', 'team-without-lead'].map((detection) =>
          ada.call('findings.list', { detection }),
        ),
      )
    ).reduce((sum, { items }) => sum + items.length, 0),
  )
})

test('a state is recorded each day and at each change, once on any number of servers; a change is an event', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const of = () => ada.call('compliance.view', { controlId })
  // Before findings were looked for, half of the checks could not know.
  await keep(world)
  expect(await of()).toMatchObject({ recordedAt: null, history: [], days: [] })
  await world.app.findings.look({ all: true })
  await Promise.all([keep(world), keep(world), keep(world)])
  const first = await of()
  expect(first.history).toMatchObject([{ what: 'state', state: 'met', by: null }])
  expect(first.days).toHaveLength(1)
  await openDormant(world)
  await keep(world)
  expect((await of()).history).toHaveLength(1)
  await Promise.all([keep(world, until(1)), keep(world, until(1)), keep(world, until(1))])
  const second = await of()
  expect(second.history).toMatchObject([
    {
      what: 'state',
      state: 'partly',
      says: 'Of 2 active people with access, 1 was not here for 90 days.',
    },
    { what: 'state', state: 'met' },
  ])
  expect(second.days.map(({ state }) => state)).toEqual(['met', 'partly'])
  const events = (await world.events()).filter(({ action }) => action.startsWith('compliance.'))
  expect(events.filter(({ action }) => action === 'compliance.begin')).toHaveLength(1)
  expect(events.filter(({ resource }) => resource?.id === controlId)).toMatchObject([
    {
      action: 'compliance.change',
      actor: { kind: 'system' },
      resource: { kind: 'control', name: 'PCI DSS 8.2.6 Inactive accounts' },
      before: { state: 'met' },
      after: { state: 'partly' },
    },
  ])
  // A clock that was set back does not keep it from being recorded.
  await keep(world, until(0.5))
  expect((await of()).recordedAt).not.toBe(second.recordedAt)
})

test('an owner and a note are set by version, told in the history and in an event, and taken away again', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const lin = await world.as('lin')
  const set = (input: { ownerId?: string | null; note?: string }, version: number) =>
    ada.call('compliance.update', { controlId, ...input }, { version })
  const one = await set({ ownerId: lin.id, note: 'Looked at\nin March' }, 1)
  expect(one).toMatchObject({
    owner: { id: lin.id, name: 'Lin' },
    note: 'Looked at\nin March',
    version: 2,
  })
  expect(await world.lastEvent()).toMatchObject({
    action: 'compliance.update',
    actor: { id: ada.id },
    resource: { kind: 'control', id: controlId },
    before: { owner: null, note: '' },
    after: { owner: 'Lin', note: 'Looked at\nin March' },
  })
  await expect(set({ note: 'late' }, 1)).rejects.toMatchObject({
    code: 'stale',
    problem: { current: { version: 2, ownerId: lin.id } },
  })
  await expect(set({ ownerId: crypto.randomUUID() }, 2)).rejects.toMatchObject({
    code: 'invalid_input',
    problem: { fields: [{ path: 'ownerId' }] },
  })
  const two = await set({ ownerId: null }, 2)
  expect(two).toMatchObject({ owner: null, note: 'Looked at\nin March', version: 3 })
  expect(
    two.history.map(({ what, owner, says, by }) => [what, owner?.name ?? says, by?.name]),
  ).toEqual([
    ['owner', null, 'Ada'],
    expect.arrayContaining(['Ada']),
    expect.arrayContaining(['Ada']),
  ])
  const races = await Promise.allSettled([set({ note: 'a' }, 3), set({ note: 'b' }, 3)])
  expect(races.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})

test('an auditor sees and exports, and changes nothing; a lead and a developer are told of none', async () => {
  await using world = await openWorld()
  await world.as('ada')
  const noor = await world.as('noor')
  await world.grant(noor, 'auditor')
  expect((await noor.call('compliance.view', { controlId })).allowed).toEqual(['compliance:view'])
  await expect(
    noor.call('compliance.update', { controlId, note: 'x' }, { version: 1 }),
  ).rejects.toMatchObject({
    code: 'forbidden',
    problem: { permission: 'compliance:update' },
  })
  const others: WorldPerson[] = []
  for (const role of ['teamLead', 'developer'] as const) {
    const who = await world.as(role.toLowerCase())
    await world.grant(who, role)
    others.push(who)
  }
  for (const who of others) {
    for (const { id } of operations().filter(({ noun }) => noun === 'compliance')) {
      const call = who.call(id as 'compliance.update', { controlId, note: 'x' }, { version: 1 })
      await expect(call).rejects.toMatchObject({ code: 'forbidden' })
    }
  }
  await expect(noor.call('compliance.view', { controlId: 'pci-dss-99' })).rejects.toMatchObject({
    code: 'not_found',
  })
  for (const path of ['/compliance?state=green', '/compliance?framework=iso']) {
    expect((await noor.send(`/api/v1${path}`)).status).toBe(400)
  }
})

test('who may see controls, and not what a row is about, is told how many rows there are and no more', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await openDormant(world)
  const role = await ada.call('roles.create', {
    name: 'Assessor',
    description: '',
    permissions: ['compliance:view'],
  })
  const tess = await world.as('tess')
  await world.grant(tess, role)
  const { checks, says } = await tess.call('compliance.view', { controlId })
  expect(says).toBe('Of 3 active people with access, 1 was not here for 90 days.')
  expect(checks).toMatchObject([{ rows: [], hidden: 3 }])
  expect(JSON.stringify(checks)).not.toContain('Dora')
  expect(
    (await tess.call('compliance.view', { controlId: 'pci-dss-8.2.8' })).checks[0]?.rows,
  ).toHaveLength(1)
})

test('controls are taken away as CSV, in which no cell is a formula; each time is an event', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await ada.call(
    'compliance.update',
    { controlId, ownerId: ada.id, note: '=HYPERLINK("x")' },
    { version: 1 },
  )
  const sent = await ada.send('/api/v1/compliance/export.csv?framework=pci-dss')
  expect(sent.headers['content-type']).toMatch(/^text\/csv/)
  const text = String(sent.body)
  const rows = text.trimEnd().split('\r\n')
  expect(rows[0]).toMatch(/^framework,control,title,state,says,owner,note/)
  const pci = controls.filter(({ framework }) => framework === 'pci-dss')
  const lines = pci.reduce((sum, { asked }) => sum + Math.max(1, asked.length), 0)
  expect(rows.length).toBe(lines + 1)
  expect(text).toContain(`"'=HYPERLINK(""x"")"`)
  expect(text).not.toMatch(/(^|,)=/m)
  const mine = String((await ada.send(`/api/v1/compliance/export.csv?ownerId=${ada.id}`)).body)
  expect(mine.trimEnd().split('\r\n')).toHaveLength(2)
  expect(await world.lastEvent()).toMatchObject({
    action: 'compliance.export',
    detail: { ownerId: ada.id, controls: 1 },
  })
})

test('controls are found by their number and their title, by whoever may see them', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const dev = await world.as('dev')
  await world.grant(dev, builtInRoles.developer)
  const find = async (who: WorldPerson, q: string) =>
    (await who.call('search.everything', { q })).items.filter(({ kind }) => kind === 'control')
  expect(await find(ada, '8.2.6')).toEqual([
    { kind: 'control', id: controlId, name: 'PCI DSS 8.2.6 Inactive accounts', detail: '' },
  ])
  expect((await find(ada, 'hipaa logoff')).map(({ id }) => id)).toEqual(['hipaa-164.312-a-2-iii'])
  expect(await find(dev, '8.2.6')).toEqual([])
})

test('a grant that an access review kept was looked at, however long ago it was given', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const ben = await world.as('ben')
  const dora = await world.as('dora')
  await world.grant(ben, 'securityAdmin')
  const { id } = await ada.call('grants.create', {
    roleId: builtInRoles.developer.id,
    subject: { kind: 'person', id: dora.id },
    scope: { kind: 'organization' },
    reason: 'Works here',
  })
  await below(world, (db) =>
    db
      .updateTable('accessGrant')
      .set({ grantedAt: until(-183) })
      .where('id', '=', id)
      .execute(),
  )
  const looked = async () => {
    const { checks } = await ada.call('compliance.view', { controlId: 'pci-dss-7.2.4' })
    return checks.flatMap(({ rows }) => rows).find((row) => row.id === id)
  }
  expect(await looked()).toMatchObject({ good: false, says: 'granted' })
  const { id: reviewId } = await ada.call('reviews.create', {
    name: 'Developers',
    scope: { kind: 'role', scopeId: builtInRoles.developer.id },
    reviewers: 'named',
    people: [ada.id],
    fallback: [ben.id],
    dueAt: until(1).toISOString(),
  })
  const { items } = await ada.call('reviews.lines', { reviewId })
  for (const { id: lineId, version } of items) {
    await ada.call('reviews.decide', { reviewId, lineId, decision: 'keep' }, { version })
  }
  // Kept, and not signed off yet: nobody stands for it.
  expect(await looked()).toMatchObject({ good: false })
  const { version } = await ada.call('reviews.view', { reviewId })
  await ada.call('reviews.signOff', { reviewId }, { version })
  await world.app.reviews.settled()
  expect(await looked()).toMatchObject({ good: true, says: 'kept by an access review' })
})
