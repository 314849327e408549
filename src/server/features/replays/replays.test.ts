import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../db/new-id.ts'
import type { DecisionRecord } from '../../decision/record-decision.ts'
import { decideUse } from '../../decision/decide-use.ts'
import { noPolicies } from '../../decision/policy-judge.ts'
import type { RunFacts } from '../../decision/run-facts.ts'
import { requeueStranded } from './store.ts'
import { countUsage } from './usage.ts'
import { recordPast } from '../../testing/recorded.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
let ben: WorldPerson
let lin: WorldPerson
let places: {
  context: { id: string; name: string }
  projects: readonly { id: string; name: string }[]
}

/** Sixty runs of two projects: every third of a tag, every fifth refused by a restriction already. */
const runs = 60
const isTag = (at: number) => at % 3 === 0
const isRefused = (at: number) => at % 5 === 0
const turned = (at: number) => isTag(at) && !isRefused(at)
const all = Array.from({ length: runs }, (_, at) => at)
const expected = all.filter(turned).length

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  ben = await world.as('ben')
  lin = await world.as('lin')
  await world.grant(ben, 'securityAdmin')
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  const context = await ada.call('contexts.create', { name: 'prod', segmentId: null })
  const projects = []
  for (const name of ['one', 'two']) {
    projects.push(
      await ada.call('projects.create', {
        name,
        slug: `gh/meridian/${name}`,
        provider: 'circleci',
        repository: `meridian/${name}`,
        segmentId: segment.id,
      }),
    )
  }
  places = { context, projects }
  const first = { ...projects[0]!, kind: 'project' as const }
  await world.grant(lin, 'teamLead', { kind: 'project', id: first.id, name: first.name })
  await recordPast(world, all.map(runAt))
})
afterAll(() => world.close())

function runAt(at: number): DecisionRecord & { at: Date } {
  const project = places.projects[at % 2]!
  const when = new Date(Date.now() - (at + 1) * 3_600_000)
  const run: RunFacts = {
    now: when,
    project: { id: project.id, name: project.name },
    provider: 'circleci',
    fromFork: false,
    sshRerun: false,
    ip: `192.0.2.${at}`,
    actorLogin: at % 2 ? 'mia' : 'kai',
    ...(isTag(at) ? { tag: 'v1' } : { branch: 'main' }),
    variables: { 'pipeline.id': newId() },
  }
  const actor = {
    kind: 'workload' as const,
    id: `circleci:${project.name}`,
    name: project.name,
    teams: [],
    grants: [],
  }
  const resource = {
    kind: 'context' as const,
    ...places.context,
    within: { context: places.context.id },
  }
  const target = isRefused(at) ? { id: newId(), name: 'another' } : project
  const decision = decideUse(noPolicies, actor, {
    context: resource,
    run,
    restrictions: [{ id: newId(), kind: 'project', target }],
  })
  return { at: when, actor, resource, decision, run, projectId: project.id }
}

const use = 'forbid (principal, action == Sallyport::Action::"context:use", resource)'
const noTags = `@reason("no tags")\n${use}\nwhen { context has tag };\n`
const create = async (changes: object[], slice: object = {}) => {
  const { id } = await ada.call('replays.create', { changes, ...slice })
  await world.app.replays.settled()
  return ada.call('replays.view', { replayId: id })
}
let count = 0
const draft = (text: string) => ada.call('policies.create', { name: `Replayed ${++count}`, text })
const enforce = async (text: string) => {
  const { id: policyId } = await draft(text)
  await ada.call('policies.setMode', { policyId, mode: 'evaluate' }, { version: 1 })
  await ada.call('policies.askEnforcement', { policyId, reason: 'for a test' }, { version: 2 })
  await world.app.replays.settled()
  return ben.call('policies.approveEnforcement', { policyId }, { version: 3 })
}

describe('a draft set asked about real decisions', () => {
  test('one that must turn exactly k decisions turns these k', async () => {
    const policy = await draft(noTags)
    const replay = await create([{ policyId: policy.id }], { action: 'context:use' })
    expect(replay).toMatchObject({
      state: 'done',
      total: runs,
      done: runs,
      untold: 0,
      newlyDenied: expected,
      newlyPermitted: 0,
      changes: [{ policyId: policy.id, policyVersion: 1, removed: false }],
    })
    // Two projects, tag or branch: four different facts, however many addresses and moments.
    expect(replay.distinct).toBe(4)
    const { project, context, person } = replay.groups
    const of = (odd: number) => all.filter((at) => turned(at) && at % 2 === odd).length
    expect(Object.fromEntries(project.map(({ name, newlyDenied }) => [name, newlyDenied]))).toEqual(
      { one: of(0), two: of(1) },
    )
    expect(context).toMatchObject([{ name: 'prod', newlyDenied: expected }])
    expect(person.map(({ name }) => name).sort()).toEqual(['kai', 'mia'])
    const rows: { decisionId: string; at: string; change: string }[] = []
    let cursor: string | undefined
    do {
      const page = await ada.call('replays.changed', {
        replayId: replay.id,
        limit: 5,
        ...(cursor && { cursor }),
      })
      rows.push(...page.items)
      cursor = page.next
    } while (cursor)
    expect(rows).toHaveLength(expected)
    expect(new Set(rows.map(({ decisionId }) => decisionId)).size).toBe(expected)
    expect(rows.map(({ at }) => at)).toEqual(
      rows
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    )
    const narrowed = await ada.call('replays.changed', {
      replayId: replay.id,
      project: places.projects[0]!.id,
      limit: 200,
    })
    expect(narrowed.items).toHaveLength(of(0))
    const trace = await ada.call('replays.trace', {
      replayId: replay.id,
      decisionId: rows[0]?.decisionId ?? '',
    })
    const policyLayer = (layers: typeof trace.before) =>
      layers.filter(({ layer }) => layer === 'policy').map(({ verdict }) => verdict)
    expect([policyLayer(trace.before), policyLayer(trace.after)]).toEqual([
      ['not_asked'],
      ['denied'],
    ])
    expect(trace.after.map(({ layer }) => layer)).toEqual(trace.before.map(({ layer }) => layer))
    expect(trace.sentence).toContain('no tags')
  })

  test('one that changes nothing turns nothing: the same set, and one that forbids nothing', async () => {
    const forbidsNothing = await create([{ text: `${use} when { false };` }])
    expect(forbidsNothing).toMatchObject({ state: 'done', newlyDenied: 0, newlyPermitted: 0 })
    const policy = await enforce(noTags)
    // Decided long before it was enforced: what it forbids now, the set forbids as well.
    const same = await create([{ policyId: policy.id }])
    expect(same).toMatchObject({ state: 'done', newlyDenied: 0, newlyPermitted: 0 })
    const reworded = await create([
      { policyId: policy.id, text: noTags.replace('no tags', 'none') },
    ])
    expect(reworded).toMatchObject({ newlyDenied: 0, newlyPermitted: 0 })

    const without = await create([{ policyId: policy.id, removed: true }])
    expect(without).toMatchObject({ newlyDenied: 0, newlyPermitted: expected })
    const [row] = (await ada.call('replays.changed', { replayId: without.id })).items
    expect(row).toMatchObject({ change: 'newly_permitted' })
    await ada.call(
      'policies.endEnforcement',
      { policyId: policy.id, mode: 'draft' },
      { version: policy.version },
    )
  })

  test('what a console action was asked with is asked again: client, age of the sign-in, teams', async () => {
    await ada.call(
      'contexts.update',
      { contextId: places.context.id, description: 'x' },
      { version: 1 },
    )
    const text = (clause: string) =>
      `forbid (principal, action == Sallyport::Action::"context:update", resource) when { ${clause} };`
    const slice = { action: 'context:update' }
    for (const [clause, denied] of [
      ['context.client == "console"', 1],
      ['context.client == "token"', 0],
      ['context has sessionAge && context.sessionAge < 3600', 1],
      ['context has sessionAge && context.sessionAge > 3600', 0],
      ['principal has email && principal.email == "ada@meridian.example"', 1],
    ] as const) {
      expect([clause, (await create([{ text: text(clause) }], slice)).newlyDenied]).toEqual([
        clause,
        denied,
      ])
    }
  })

  test('time is told apart where a policy reads it', async () => {
    const before = new Date(Date.now() - 24.5 * 3_600_000).toISOString()
    const replay = await create([
      { text: `${use} when { context.now < datetime("${before.slice(0, 19)}.000Z") };` },
    ])
    const older = all.filter((at) => !isRefused(at) && at + 1 > 24).length
    expect(replay.newlyDenied).toBe(older)
    expect(replay.distinct).toBeGreaterThan(4)
  })

  test('a slice: days, project, context, action', async () => {
    const changes = [{ text: noTags }]
    const asked = async (slice: object) => (await create(changes, slice)).newlyDenied
    expect(await asked({ projectId: places.projects[1]!.id })).toBe(
      all.filter((at) => turned(at) && at % 2 === 1).length,
    )
    expect(await asked({ contextId: newId() })).toBe(0)
    expect(await asked({ action: 'context:update' })).toBe(0)
    expect(await asked({ days: 1 })).toBe(all.filter((at) => turned(at) && at < 24).length)
  })

  test('a text that stops the engine fails its replay, and the next one runs', async () => {
    const deep = `${use} when { ${'!'.repeat(120)}true };`
    const bad = await create([{ text: deep }])
    expect(bad.state).toMatch(/done|failed/)
    expect((await create([{ text: noTags }])).newlyDenied).toBe(expected)
  })
})

describe('who sees and stops what', () => {
  test('counts and rows are of the decisions that one may see', async () => {
    const { id: replayId } = await create([{ text: noTags }])
    const ofOne = all.filter((at) => turned(at) && at % 2 === 0).length
    const seen = await lin.call('replays.view', { replayId })
    expect(seen).toMatchObject({ newlyDenied: ofOne })
    expect(seen.groups.project.map(({ name }) => name)).toEqual(['one'])
    const { items } = await lin.call('replays.changed', { replayId, limit: 200 })
    expect(items).toHaveLength(ofOne)
    const hidden = (await ada.call('replays.changed', { replayId, limit: 200 })).items.find(
      ({ project }) => project?.name === 'two',
    )
    const asked = { replayId, decisionId: hidden?.decisionId ?? '' }
    await expect(lin.call('replays.trace', asked)).rejects.toMatchObject({ code: 'not_found' })
    await expect(ada.call('replays.trace', asked)).resolves.toMatchObject(
      asked.decisionId ? {} : {},
    )
    await expect(lin.call('replays.create', { changes: [{ text: noTags }] })).rejects.toMatchObject(
      { code: 'forbidden' },
    )
  })

  test('asking is an event, and so is cancelling; what is cancelled stays so', async () => {
    const { id: replayId } = await ada.call('replays.create', { changes: [{ text: noTags }] })
    expect(await world.lastEvent()).toMatchObject({
      action: 'replays.create',
      resource: { kind: 'replay', id: replayId },
      detail: { days: 30 },
    })
    const cancelled = await ada.call('replays.cancel', { replayId }).catch(() => undefined)
    await world.app.replays.settled()
    const { state } = await ada.call('replays.view', { replayId })
    expect(state).toBe(cancelled ? 'cancelled' : 'done')
    await expect(ada.call('replays.cancel', { replayId })).rejects.toMatchObject({
      code: 'conflict',
    })
    // For certain: one that waits is cancelled before anybody takes it.
    const waiting = newId()
    await sql`insert into replay (id, changes, from_at, until_at, state)
      values (${waiting}, '[]', now(), now(), 'waiting')`.execute(world.app.db)
    await ada.call('replays.cancel', { replayId: waiting })
    expect(await world.lastEvent()).toMatchObject({ action: 'replays.cancel' })
    await world.app.replays.settled()
    expect(await ada.call('replays.view', { replayId: waiting })).toMatchObject({
      state: 'cancelled',
    })
  })

  test('one whose server was killed begins anew, without what it had found; an old one has failed', async () => {
    const [again, old] = [newId(), newId()]
    const policies = JSON.stringify([
      { policyId: null, name: 'x', version: null, text: noTags, removed: false },
    ])
    for (const [id, created] of [
      [again, '5 minutes'],
      [old, '2 hours'],
    ] as const) {
      await sql`insert into replay (id, changes, from_at, until_at, state, created_at, progressed_at, done)
        values (${id}, ${policies}, now() - interval '30 days', now(), 'running',
          now() - ${created}::interval, now() - interval '61 seconds', 7)`.execute(world.app.db)
      await sql`insert into replay_trace values (${id}, 0, '[]', '[]', '')`.execute(world.app.db)
      await sql`insert into replay_changed select ${id}, id, at, true, 0 from decision limit 1`.execute(
        world.app.db,
      )
    }
    await requeueStranded(world.app.db)
    await world.app.replays.settled()
    expect(await ada.call('replays.view', { replayId: again })).toMatchObject({
      state: 'done',
      newlyDenied: expected,
    })
    expect(await ada.call('replays.view', { replayId: old })).toMatchObject({
      state: 'failed',
      fault: 'The server that ran it stopped.',
    })
  })

  test('a policy twice, an unknown one, and a new one without a text are refused', async () => {
    const { id: policyId } = await draft(noTags)
    const refused = async (changes: object[]) =>
      ada.call('replays.create', { changes }).then(
        () => 'created',
        ({ code }: { code: string }) => code,
      )
    expect(await refused([{ policyId }, { policyId }])).toBe('invalid_input')
    expect(await refused([{ policyId: newId() }])).toBe('not_found')
    expect(await refused([{ policyId, policyVersion: 9 }])).toBe('not_found')
    expect(await refused([{}])).toBe('invalid_input')
  })
})

describe('the second person sees what exactly the asked version would change', () => {
  test('it is worked out when it is asked for, told in the event, and asked for a reason where it opens', async () => {
    const policy = await enforce(noTags)
    const event = await world.lastEvent()
    expect(event).toMatchObject({
      action: 'policies.approveEnforcement',
      detail: { impact: { state: 'done', newlyDenied: expected, newlyPermitted: 0 } },
    })
    // The next version forbids less: that needs words from one of the two.
    const policyId = policy.id
    const next = await ada.call(
      'policies.update',
      { policyId, text: noTags.replace('context has tag', 'context has tag && false') },
      { version: policy.version },
    )
    const asked = await ada.call(
      'policies.askEnforcement',
      { policyId, policyVersion: 2 },
      { version: next.version },
    )
    await world.app.replays.settled()
    const replayId = asked.asked?.replayId ?? ''
    expect(await ben.call('replays.view', { replayId })).toMatchObject({
      state: 'done',
      newlyPermitted: expected,
      changes: [{ policyVersion: 2 }],
    })
    const version = asked.version
    await expect(
      ben.call('policies.approveEnforcement', { policyId }, { version }),
    ).rejects.toMatchObject({ code: 'reason_required' })
    await ben.call('policies.approveEnforcement', { policyId, reason: 'Tags again' }, { version })
    expect(await world.lastEvent()).toMatchObject({
      detail: { reason: 'Tags again', impact: { replay: replayId, newlyPermitted: expected } },
    })
  })
})

describe('what each rule did in ninety days', () => {
  test('one that never fired, one that denies all it applies to, and one that applies to nothing', async () => {
    const here = `resource == Sallyport::Context::"${places.context.id}"`
    const tried = async (text: string) => {
      const { id: policyId } = await draft(text)
      await ada.call('policies.setMode', { policyId, mode: 'evaluate' }, { version: 1 })
      return policyId
    }
    const ids = {
      never: await tried(`${use} when { context has branch && context.branch == "nowhere" };`),
      all: await tried(`${use.replace('resource)', `${here})`)};`),
      some: await tried(
        `@reason("tagged")\n${use} when { context has tag };\n${use} when { false };`,
      ),
      nothing: await tried(use.replace('resource)', 'resource == Sallyport::Context::"gone");')),
    }
    await countUsage(world.app.db)
    const { items } = await ada.call('policies.list', { limit: 200 })
    const usage = (id: string) => items.find((policy) => policy.id === id)?.usage
    expect(usage(ids.never)).toMatchObject({ days: 90, applies: runs, denies: 0 })
    expect(usage(ids.all)).toMatchObject({ applies: runs, denies: runs })
    expect(usage(ids.nothing)).toMatchObject({ applies: 0, denies: 0 })
    // Also those runs that a restriction refused: policies are asked about every run.
    expect(usage(ids.some)).toMatchObject({
      statements: [
        { reason: 'tagged', applies: runs, denies: all.filter(isTag).length },
        { reason: null, applies: runs, denies: 0 },
      ],
    })
    // The counts are of every decision: not for who may see those of one project.
    const seen = await lin.call('policies.view', { policyId: ids.all })
    expect(seen.usage).toBeNull()
    // Another version in force has not been counted yet.
    const changed = await ada.call(
      'policies.update',
      { policyId: ids.all, text: noTags },
      { version: 2 },
    )
    await ada.call(
      'policies.setMode',
      { policyId: ids.all, mode: 'evaluate', policyVersion: 2 },
      { version: changed.version },
    )
    expect((await ada.call('policies.view', { policyId: ids.all })).usage).toBeNull()
  })
})
