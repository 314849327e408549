import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { controlRefs } from '../../../contract/control-refs.ts'
import { inTransaction } from '../../db/transaction.ts'
import { below } from '../../testing/below.ts'
import { controlStories, type ControlStory } from '../../testing/control-stories.ts'
import { findingStories, type Story } from '../../testing/finding-stories.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'
import { catalogue as detections } from '../findings/catalogue.ts'
import { checks, controls } from './catalogue.ts'
import { judged, mostRows, type ObjectWords } from './check.ts'
import { judge } from './judge.ts'

let world: World
let ada: WorldPerson
let told: Readonly<Record<string, () => Promise<ControlStory>>>
let found: Readonly<Record<string, () => Promise<Story>>>

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  const ben = await world.as('ben')
  await world.grant(ben, 'securityAdmin')
  await world.as('grouped', { groups: ['platform'] })
  const teamId = (await ada.call('teams.list', {})).items[0]?.id ?? ''
  told = controlStories(world, ada, ben)
  found = findingStories(world, ada, teamId)
})
afterAll(() => world.close())

/** The check as a reader of one of its controls is answered. */
async function asked(id: string, of: WorldPerson = ada) {
  const control = controls.find((one) => one.checks.includes(id))
  if (!control) throw new Error(`no control turns on ${id}`)
  const { checks: all } = await of.call('compliance.view', { controlId: control.id })
  const check = all.find((one) => one.id === id)
  if (!check) throw new Error(`${control.id} was not answered with ${id}`)
  return check
}

const bad = ({ rows }: Awaited<ReturnType<typeof asked>>) =>
  rows.filter(({ good }) => !good).map(({ id, name }) => [id, name])

const by = (row: string) => expect.arrayContaining([expect.arrayContaining([row])]) as unknown

test.each([
  'accounts-personal',
  'people-not-dormant',
  'leavers-out',
  'sign-in-multi-factor',
  'sessions-bound',
  'grants-decided',
  'grants-looked-at',
  'privileged-ends',
  'privileged-used',
  'record-readers',
  'roles-held',
  'requests-second-person',
  'decisions-because',
  'secrets-sealed',
  'traffic-encrypted',
  'enforcement-second-person',
  'checkpoints-verify',
  'record-append-only',
  'record-twelve-months',
  'record-sorts',
  'record-fields',
  'watch-kept',
  'findings-decided',
])('%s: data that does not meet it, and the same data mended', async (id) => {
  const { row, mend } = (await told[id]?.()) ?? { row: '', mend: async () => {} }
  const before = await asked(id)
  expect(bad(before)).toEqual(by(row))
  expect(['partly', 'not_met']).toContain(before.state)
  expect(before.says).toMatch(/\d.*\.$/)
  await mend()
  const after = await asked(id)
  expect(bad(after)).not.toEqual(by(row))
  expect(bad(after).length).toBeLessThan(bad(before).length)
  expect(after.state === 'met').toBe(bad(after).length === 0)
  expect(after.rows.length).toBeGreaterThan(0)
})

/** Each check that turns on findings, with one of its detections. */
const byFinding = [
  ['secrets-rotated', 'secrets-old'],
  ['secrets-not-shared', 'secrets-shared'],
  ['secrets-needed', 'secrets-unused'],
  ['secrets-federated', 'secrets-static'],
  ['contexts-narrow', 'context-any-branch'],
  ['contexts-owned', 'context-without-owner'],
  ['projects-owned', 'project-without-owner'],
  ['segments-bounded', 'segment-open'],
  ['workloads-narrow', 'trust-forks'],
  ['issuers-bound', 'issuer-unbound'],
  ['tokens-used', 'token-unused'],
  ['leases-once', 'lease-replayed'],
  ['policies-decide', 'policy-never-applies'],
  ['production-approved', 'config-no-approval'],
  ['code-pinned', 'config-unpinned'],
  ['configs-checked', 'project-unchecked'],
] as const

test.each(byFinding)(
  '%s: data of which %s is found, and the same data mended',
  async (id, detection) => {
    await world.app.findings.look({ all: true })
    const { subject, at, calm } = (await found[detection]?.()) ?? {
      subject: '',
      calm: async () => {},
    }
    const look = () => world.app.findings.look({ all: true, ...(at && { now: at }) })
    await look()
    const before = await asked(id)
    expect(bad(before)).toEqual(by(subject))
    expect(['partly', 'not_met']).toContain(before.state)
    expect(before.rows.find((row) => row.id === subject)?.says).toMatch(/\.$/)
    await calm()
    await look()
    const after = await asked(id)
    expect(bad(after)).not.toEqual(by(subject))
    // Where its only object has gone, there is nothing to measure any more.
    const [good] = after.rows.length > 0 ? (['met'] as const) : (['not_measurable'] as const)
    expect(after.state === good).toBe(bad(after).length === 0)
  },
)

test('leavers-out: what a team holds names whoever has left and is still in it', async () => {
  const { subject, calm } = (await found['leaver-team']?.()) ?? { subject: '', calm: () => {} }
  const before = await asked('leavers-out')
  expect(bad(before)).toEqual(by(subject))
  expect(before.rows.find(({ id }) => id === subject)?.says).toContain('grants by a team: 1')
  await calm()
  expect(bad(await asked('leavers-out'))).not.toEqual(by(subject))
})

test('administrators-two: a second administrator who was not here for 30 days does not stand in', async () => {
  await setSeen(91)
  await world.app.findings.look({ all: true })
  expect(await asked('administrators-two')).toMatchObject({
    state: 'not_met',
    rows: [{ good: false }],
  })
  await setSeen(0)
  await world.app.findings.look({ all: true })
  expect(await asked('administrators-two')).toMatchObject({ state: 'met', rows: [{ good: true }] })
})

const setSeen = (days: number) =>
  below(world, (db) =>
    sql`update person set last_seen_at = clock_timestamp() - make_interval(days => ${days}::int)
    where name = 'Ben'`.execute(db),
  )

test('the limits of sessions and of a fresh sign-in are this server’s own', async () => {
  const { config } = world
  const now = new Date()
  const ask = (id: string, given: Partial<typeof config>) =>
    checks
      .find((check) => check.id === id)
      ?.ask(world.app.db, { now, config: { ...config, ...given } })
  const limits = (idleSeconds: number, maxAgeSeconds = 43_200) => ({
    session: { idleSeconds, maxAgeSeconds },
  })
  expect(await ask('session-idle-15', limits(900))).toMatchObject({
    state: 'met',
    rows: [{ name: '900 seconds' }],
  })
  expect(await ask('session-idle-15', limits(901))).toMatchObject({
    state: 'not_met',
    rows: [{ good: false }],
  })
  expect(await ask('session-ends', limits(3_600))).toMatchObject({
    state: 'met',
    says: 'All 2 limits end sessions by themselves.',
  })
  expect(await ask('session-ends', limits(3_600, 90_000))).toMatchObject({ state: 'not_met' })
  expect(await ask('step-up', { stepUpMaxAgeSeconds: 300 })).toMatchObject({ state: 'met' })
  expect(await ask('step-up', { stepUpMaxAgeSeconds: 901 })).toMatchObject({ state: 'not_met' })
})

test('clocks that are further apart than two seconds do not agree', async () => {
  const check = checks.find(({ id }) => id === 'clocks-agree')
  const setting = { now: new Date(), config: world.config }
  expect(await check?.ask(world.app.db, setting)).toMatchObject({ state: 'met' })
  const clock = () => Date.now() + 3_000
  expect(await check?.ask(world.app.db, { ...setting, clock })).toMatchObject({ state: 'not_met' })
})

test('the record is behind while an event waits for more than a minute', async () => {
  await world.app.ledger.settle()
  expect(await asked('record-current')).toMatchObject({
    state: 'met',
    rows: [{ good: true }, { good: true }],
  })
  const check = checks.find(({ id }) => id === 'record-current')
  const none = new Error('nothing of it stays')
  const waiting = inTransaction(world.app.db, { readOnly: false }, async (db) => {
    const leaf = Buffer.from('{}')
    await db
      .insertInto('auditQueue')
      .values({ eventId: crypto.randomUUID(), occurredAt: new Date(), leaf })
      .execute()
    const now = new Date(Date.now() + 90_000)
    expect(await check?.ask(db, { now, config: world.config })).toMatchObject({ state: 'not_met' })
    throw none
  })
  await expect(waiting).rejects.toBe(none)
})

test('every check has its twin here, one id, words, and a control that turns on it', () => {
  const elsewhere = [
    'session-idle-15',
    'session-ends',
    'step-up',
    'clocks-agree',
    'record-current',
    'administrators-two',
    'access-reviewed',
  ]
  const ids = checks.map(({ id }) => id)
  expect(ids.toSorted()).toEqual(
    [...Object.keys(told), ...byFinding.map(([id]) => id), ...elsewhere].toSorted(),
  )
  expect(new Set(ids).size).toBe(ids.length)
  for (const { id, asks, satisfy } of checks) {
    expect(id).toMatch(/^[a-z0-9-]{1,60}$/)
    expect(asks).toMatch(/\.$/)
    expect(satisfy).toMatch(/\.$/)
    expect(controls.some((control) => control.checks.includes(id))).toBe(true)
  }
})

test('every requirement that is named is in the catalogue once; what nothing measures says why', () => {
  expect(controls.map(({ ref }) => ref)).toEqual([...controlRefs])
  expect(new Set(controls.map(({ id }) => id)).size).toBe(controls.length)
  for (const { summary, speaks, asked: all, beyond, most } of controls) {
    expect(summary).toMatch(/\.$/)
    expect(speaks).toMatch(/\.$/)
    expect(beyond ?? (all.length > 0 && !most ? 'All.' : '')).toMatch(/\.$/)
  }
  for (const { controls: touched } of detections) {
    for (const ref of touched) expect(controlRefs).toContain(ref)
  }
})

test('a company without anything meets nothing without rows that prove it', async () => {
  await using empty = await openWorld()
  const first = await empty.as('ada')
  for (const look of [false, true]) {
    if (look) await empty.app.findings.look({ all: true })
    for (const { id } of controls) {
      const control = await first.call('compliance.view', { controlId: id })
      expect(control.says).toMatch(/\.$/)
      for (const check of control.checks) {
        expect(check.says).toMatch(/\.$/)
        expect(check.rows.length > 0).toBe(check.state !== 'not_measurable')
      }
      const met = control.checks.some(({ state }) => state === 'met')
      expect(control.state !== 'met' || met).toBe(true)
    }
  }
})

const words: ObjectWords = {
  of: ['grant', 'grants'],
  good: ['ends', 'end'],
  bad: ['has no end', 'have no end'],
  none: 'There is none.',
}

test('a state comes with its figures', () => {
  expect(judged(words, 0, 0)).toEqual({ state: 'not_measurable', says: 'There is none.' })
  expect(judged(words, 1, 1)).toEqual({ state: 'met', says: 'The one grant ends.' })
  expect(judged(words, 1200, 1200)).toEqual({ state: 'met', says: 'All 1,200 grants end.' })
  expect(judged(words, 3, 4)).toEqual({ state: 'partly', says: 'Of 4 grants, 1 has no end.' })
  expect(judged(words, 0, 2)).toEqual({ state: 'not_met', says: 'Of 2 grants, 2 have no end.' })
  expect(judged({ ...words, strict: true }, 3, 4).state).toBe('not_met')
})

test('a control is met by what every measured check meets, and never by more than is measured of it', () => {
  const [one, two] = checks
  if (!one || !two) throw new Error('too few checks')
  const control = { ...controls[0]!, asked: [one, two], beyond: 'The rest is yours.' }
  const none = { says: 'Told.', rows: [], more: 0 }
  type State = 'met' | 'partly' | 'not_met' | 'not_measurable'
  const of = (a: State, b: State, most?: 'partly') =>
    judge(
      { ...control, ...(most && { most }) },
      new Map([
        [one.id, { ...none, state: a }],
        [two.id, { ...none, state: b }],
      ]),
    )
  expect(of('met', 'met').state).toBe('met')
  expect(of('met', 'not_measurable').state).toBe('met')
  expect(of('met', 'not_met').state).toBe('partly')
  expect(of('partly', 'not_met').state).toBe('partly')
  expect(of('not_met', 'not_measurable').state).toBe('not_met')
  expect(of('not_measurable', 'not_measurable').state).toBe('not_measurable')
  expect(of('met', 'met', 'partly')).toEqual({
    state: 'partly',
    says: 'Told. Told. The rest is yours.',
  })
  expect(judge({ ...control, asked: [] }, new Map())).toEqual({
    state: 'not_measurable',
    says: 'The rest is yours.',
  })
  expect(mostRows).toBe(20)
})
