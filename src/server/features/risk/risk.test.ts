import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { cleanUp } from '../../jobs/clean-up.ts'
import { below } from '../../testing/below.ts'
import { openPast, past } from '../../testing/past.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'
import { keepReach } from './reach.ts'

const day = 86_400_000
/** Noon, so that a day more or less is the day before or after. */
const noon = (ago: number) => new Date(Math.floor(Date.now() / day) * day - ago * day + day / 2)
const since = (days: number) => ({ from: noon(days - 1).toISOString() })

async function granted(world: World, ada: WorldPerson, roleId: string, columns: object) {
  const { id } = await world.as(`p${crypto.randomUUID().slice(0, 8)}`)
  const grant = await ada.call('grants.create', {
    roleId,
    subject: { kind: 'person', id },
    scope: { kind: 'organization' },
    reason: 'for a test',
  })
  await below(world, (db) =>
    db.updateTable('accessGrant').set(columns).where('id', '=', grant.id).execute(),
  )
  return grant.id
}

test('privileged access by day: what stands, what ends by itself, and what was asked for', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await below(world, (db) =>
    db
      .updateTable('accessGrant')
      .set({ grantedAt: noon(40) })
      .execute(),
  )
  const { teamLead, developer } = builtInRoles
  await granted(world, ada, teamLead.id, { grantedAt: noon(2) })
  await granted(world, ada, teamLead.id, { grantedAt: noon(9), expiresAt: noon(1) })
  await granted(world, ada, teamLead.id, { grantedAt: noon(8), endedAt: noon(6), endReason: 'x' })
  await granted(world, ada, developer.id, { grantedAt: noon(3) })
  const sam = await world.as('sam')
  const asked = await sam.call('requests.create', {
    roleId: teamLead.id,
    scope: { kind: 'organization' },
    reason: 'for a test',
    durationMinutes: 60,
  })
  await ada.call('requests.approve', { requestId: asked.id }, asked)
  const { points, now, before } = await ada.call('risk.privileged', since(5))
  expect(points.map(({ standing, ending, requested }) => [standing, ending, requested])).toEqual([
    [1, 1, 0],
    [1, 1, 0],
    [2, 1, 0],
    [2, 1, 0],
    [2, 0, 1],
  ])
  expect(now).toEqual({ standing: 2, ending: 0, requested: 1 })
  expect(before).toEqual({ standing: 1, ending: 1, requested: 0 })
  const earlier = await ada.call('risk.privileged', {
    from: noon(9).toISOString(),
    until: noon(6).toISOString(),
  })
  expect(earlier.points.map(({ standing, ending }) => [standing, ending])).toEqual([
    [1, 1],
    [2, 1],
    [2, 1],
    [2, 1],
  ])
  // Who may see grants in one place alone is told of those there.
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  const lin = await world.as('lin')
  await world.grant(lin, 'teamLead', { kind: 'segment', id: segment.id, name: segment.name })
  expect((await lin.call('risk.privileged', since(1))).now).toEqual({
    standing: 1,
    ending: 0,
    requested: 0,
  })
})

test('refusals by day and by the layer that refused, as the decisions are; a lead is told of their own', async () => {
  const { world, ada, lin, close } = await openPast()
  try {
    const refused = past.all.filter((at) => past.isRefused(at))
    const counted = (answer: { points: { cause: string; count: number }[] }, cause: string) =>
      answer.points.reduce((sum, one) => sum + (one.cause === cause ? one.count : 0), 0)
    const all = await ada.call('risk.refusals', since(4))
    expect(counted(all, 'restriction')).toBe(refused.length)
    expect(all.causes).toEqual([{ cause: 'restriction', now: refused.length, before: 0 }])
    const byDay = Map.groupBy(refused, (at) =>
      new Date(Date.now() - (at + 1) * 3_600_000).toISOString().slice(0, 10),
    )
    expect(all.points.map(({ at, count }) => [at.slice(0, 10), count])).toEqual(
      [...byDay].map(([at, some]) => [at, some.length]).toReversed(),
    )
    const { items } = await ada.call('decisions.list', { cause: 'restriction', limit: 200 })
    expect(items).toHaveLength(refused.length)
    expect(counted(await lin.call('risk.refusals', since(4)), 'restriction')).toBe(
      refused.filter((at) => at % 2 === 0).length,
    )
    await expect(lin.call('roles.create', { name: 'x', permissions: [] })).rejects.toMatchObject({
      status: expect.any(Number) as number,
    })
    await expect(
      lin.call('segments.create', { name: 'Mine', tier: 'build' }),
    ).rejects.toMatchObject({ code: 'forbidden' })
    expect((await ada.call('risk.refusals', since(4))).causes).toContainEqual({
      cause: 'grant',
      now: expect.any(Number) as number,
      before: 0,
    })
    // Folding past days into one row changes no figure.
    await cleanUp(world.app.db)
    expect(counted(await ada.call('risk.refusals', since(4)), 'restriction')).toBe(refused.length)
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from refusal_day where slot <> 0 and day < (now() at time zone 'UTC')::date`.execute(
      world.app.db,
    )
    expect(rows[0]?.n).toBe(0)
    // The same days are before the range when it begins after them.
    const later = await ada.call('risk.refusals', {
      from: noon(-1).toISOString(),
      until: noon(-1).toISOString().replace('T12', 'T13'),
    })
    expect(later.points).toEqual([])
    expect(later.causes[0]).toMatchObject({ cause: 'restriction', now: 0 })
  } finally {
    await close()
  }
})

test('requests by day: asked, answered and lapsed, and the median time to the answer', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const ask = async (ago: number, columns: (at: Date) => object, decide?: 'approve' | 'deny') => {
    const who = await world.as(`p${crypto.randomUUID().slice(0, 8)}`)
    const asked = await who.call('requests.create', {
      roleId: builtInRoles.developer.id,
      scope: { kind: 'organization' },
      reason: 'for a test',
      durationMinutes: 60,
    })
    if (decide === 'approve') await ada.call('requests.approve', { requestId: asked.id }, asked)
    if (decide === 'deny') {
      await ada.call('requests.deny', { requestId: asked.id, reason: 'no' }, asked)
    }
    const at = noon(ago)
    await below(world, (db) =>
      db
        .updateTable('accessRequest')
        .set({ createdAt: at, ...columns(at) })
        .where('id', '=', asked.id)
        .execute(),
    )
  }
  const after = (minutes: number) => (at: Date) => ({
    decidedAt: new Date(at.getTime() + minutes * 60_000),
  })
  await ask(1, after(10), 'approve')
  await ask(1, after(30), 'deny')
  await ask(0, after(80), 'deny')
  await ask(2, (at) => ({ state: 'lapsed', decidedAt: new Date(at.getTime() + 60_000) }))
  await ask(0, () => ({}))
  await ask(4, after(200), 'deny')
  const { points, ...figures } = await ada.call('risk.requests', since(3))
  expect(points.map(({ asked, answered, lapsed }) => [asked, answered, lapsed])).toEqual([
    [1, 0, 1],
    [2, 2, 0],
    [2, 1, 0],
  ])
  expect(figures).toMatchObject({
    medianMinutes: 30,
    medianMinutesBefore: 200,
    asked: 5,
    askedBefore: 1,
    lapsed: 1,
    lapsedBefore: 0,
    open: 1,
  })
  // A clock that went back in between makes no answer that came before it was asked for.
  await ask(20, after(-20), 'deny')
  const back = { from: noon(20).toISOString(), until: noon(19).toISOString() }
  expect(await ada.call('risk.requests', back)).toMatchObject({ asked: 1, medianMinutes: 0 })
  await ask(20, after(20), 'deny')
  expect(await ada.call('risk.requests', back)).toMatchObject({ asked: 2, medianMinutes: 10 })
})

test('secrets by their age and by how many projects reach them; a lead is told of their own', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  const project = async (n: number) =>
    ada.call('projects.create', {
      name: `project ${n}`,
      slug: `gh/meridian/${n}`,
      provider: 'github',
      repository: `meridian/${n}`,
      segmentId: segment.id,
    })
  const projects = await Promise.all([1, 2, 3].map(project))
  const context = async (name: string, ages: number[], restrict: 'none' | 'one' | 'all') => {
    const { id } = await ada.call('contexts.create', {
      name,
      ...(restrict === 'one' && { segmentId: segment.id }),
    })
    for (const [at, age] of ages.entries()) {
      await ada.call('contexts.store', { contextId: id, name: `KEY_${at}`, value: `${name} ${at}` })
      await below(world, (db) =>
        db
          .updateTable('secret')
          .set({ updatedAt: noon(age) })
          .where('contextId', '=', id)
          .where('name', '=', `KEY_${at}`)
          .execute(),
      )
    }
    if (restrict === 'one') {
      const targetId = projects[0]?.id ?? ''
      await ada.call('contexts.restrict', {
        contextId: id,
        restriction: { kind: 'project', targetId },
      })
    } else if (restrict === 'all') {
      await ada.call('contexts.restrict', {
        contextId: id,
        restriction: { kind: 'segment', targetId: segment.id },
      })
    }
    return { id, name }
  }
  await context('closed', [5], 'none')
  const one = await context('narrow', [40, 200], 'one')
  const wide = await context('wide', [100, 100, 400], 'all')
  await Promise.all([keepReach(world.app.db), keepReach(world.app.db)])
  const { cells, total, worst } = await ada.call('risk.secrets', {})
  const sorted = cells.map(({ age, reach, count }) => `${age} ${reach} ${count}`).toSorted()
  expect(sorted).toEqual([
    'half few 2',
    'month none 1',
    'older few 1',
    'quarter one 1',
    'year one 1',
  ])
  expect(total).toBe(6)
  expect(worst).toMatchObject([
    { context: wide, secrets: 3, projects: 3 },
    { context: one, secrets: 2, projects: 1 },
  ])
  const lin = await world.as('lin')
  await world.grant(lin, 'teamLead', { kind: 'segment', id: segment.id, name: segment.name })
  expect(await lin.call('risk.secrets', {})).toMatchObject({ total: 2, worst: [{ context: one }] })
})

test('the score by day, and what each finding gave or took; a lead asks for their segment', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await world.as('grouped', { groups: ['platform'] })
  const teamId = (await ada.call('teams.list', {})).items[0]?.id ?? ''
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  const bare = await ada.call('contexts.create', { name: 'bare', segmentId: segment.id })
  await ada.call('contexts.create', { name: 'owned', segmentId: segment.id, teamId })
  await world.app.findings.look({ all: true })
  const of = () => ada.call('risk.posture', { segment: segment.id })
  const before = await of()
  const live = await ada.call('scores.view', { segment: segment.id })
  expect(before).toMatchObject({ now: live.score, before: null, more: false })
  expect(before.points).toHaveLength(1)
  const opened = before.moved.find(({ says }) => says === 'No team owns bare.')
  const line = live.parts.find(({ detection }) => detection === 'context-without-owner')
  expect(opened).toMatchObject({ turn: 'opened', severity: 'low' })
  expect(opened?.points).toBeCloseTo(-(line?.lost ?? 0), 1)

  const { version } = await ada.call('contexts.view', { contextId: bare.id })
  await ada.call('contexts.update', { contextId: bare.id, teamId }, { version })
  await world.app.findings.look({ all: true })
  const after = await of()
  expect(after.moved[0]).toMatchObject({ turn: 'resolved', finding: opened?.finding })
  expect(after.moved[0]?.points).toBeCloseTo(line?.lost ?? 0, 1)
  expect((after.now ?? 0) - (before.now ?? 0)).toBeCloseTo(line?.lost ?? 0, 1)

  const next = await ada.call('risk.posture', {
    segment: segment.id,
    from: noon(-1).toISOString(),
    until: noon(-1).toISOString().replace('T12', 'T13'),
  })
  expect(next).toMatchObject({ points: [], moved: [], now: null, before: after.now })
  const lin = await world.as('lin')
  await world.grant(lin, 'teamLead', { kind: 'segment', id: segment.id, name: segment.name })
  expect((await lin.call('risk.posture', { segment: segment.id })).now).toBe(after.now)
  await expect(lin.call('risk.posture', {})).rejects.toMatchObject({ code: 'forbidden' })
  await expect(lin.call('risk.posture', { segment: crypto.randomUUID() })).rejects.toMatchObject({
    code: 'invalid_input',
  })
})

test('an accepted risk gives nothing, a muted one does, and takes it again when it opens', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  const bare = await ada.call('contexts.create', { name: 'bare', segmentId: segment.id })
  await world.app.findings.look({ all: true })
  const { items } = await ada.call('findings.list', {
    context: bare.id,
    detection: 'context-without-owner',
  })
  const [finding] = items
  const findingId = finding?.id ?? ''
  const until = new Date(Date.now() + day).toISOString()
  let now = await ada.call(
    'findings.accept',
    { findingId, reason: 'x', until, ownerId: ada.id },
    { version: 1 },
  )
  now = await ada.call('findings.mute', { findingId, reason: 'x', until }, now)
  await ada.call('findings.reopen', { findingId, reason: 'x' }, now)
  const { moved } = await ada.call('risk.posture', { segment: segment.id })
  const own = moved.filter((one) => one.finding === findingId)
  expect(own.map(({ turn, points }) => [turn, Math.sign(points ?? Number.NaN)])).toEqual([
    ['reopened', -1],
    ['muted', 1],
    ['accepted', 0],
    ['opened', -1],
  ])
})

test('a range that is none, or too long, is a 400; who may see nothing of it a 403', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const dee = await world.as('dee')
  const charts = [
    'risk.posture',
    'risk.heat',
    'risk.privileged',
    'risk.refusals',
    'risk.requests',
    'risk.reviews',
  ] as const
  const [early, late] = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z']
  for (const chart of charts) {
    for (const asked of [
      { from: late, until: early },
      { from: early, until: early },
      { from: '2020-01-01T00:00:00Z', until: late },
      { from: 'yesterday' },
      { from: '2026-02-30T00:00:00Z' },
      { from: '9999-12-01T00:00:00Z', until: '9999-12-31T23:59:59Z' },
      { from: '0000-01-01T00:00:00+14:00', until: '0000-01-02T00:00:00Z' },
    ]) {
      await expect(ada.call(chart, asked)).rejects.toMatchObject({ code: 'invalid_input' })
    }
    const whole = await ada.call(chart, { from: early, until: late })
    expect(whole).toMatchObject({
      from: '2026-01-01T00:00:00.000Z',
      until: '2026-02-01T00:00:00.000Z',
    })
    await expect(dee.call(chart, {})).rejects.toMatchObject({ code: 'forbidden' })
  }
  await expect(dee.call('risk.secrets', {})).rejects.toMatchObject({ code: 'forbidden' })
})
