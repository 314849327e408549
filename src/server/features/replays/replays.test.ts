import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../db/new-id.ts'
import { noTags, openPast, past, use, type Past } from '../../testing/past.ts'

const { runs, all, isRefused, turned } = past
const expected = all.filter(turned).length
let there: Past

beforeAll(async () => {
  there = await openPast()
})
afterAll(() => there.close())

const create = async (changes: object[], slice: object = {}) => {
  const { id } = await there.ada.call('replays.create', { changes, ...slice })
  await there.world.app.replays.settled()
  return there.ada.call('replays.view', { replayId: id })
}

describe('a draft set asked about real decisions', () => {
  test('one that must turn exactly k decisions turns these k', async () => {
    const policy = await there.draft(noTags)
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
      const page = await there.ada.call('replays.changed', {
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
    const narrowed = await there.ada.call('replays.changed', {
      replayId: replay.id,
      project: there.projects[0]!.id,
      limit: 200,
    })
    expect(narrowed.items).toHaveLength(of(0))
    const trace = await there.ada.call('replays.trace', {
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
    const policy = await there.enforce(noTags)
    // Decided long before it was enforced: what it forbids now, the set forbids as well.
    const same = await create([{ policyId: policy.id }])
    expect(same).toMatchObject({ state: 'done', newlyDenied: 0, newlyPermitted: 0 })
    const reworded = await create([
      { policyId: policy.id, text: noTags.replace('no tags', 'none') },
    ])
    expect(reworded).toMatchObject({ newlyDenied: 0, newlyPermitted: 0 })

    const without = await create([{ policyId: policy.id, removed: true }])
    expect(without).toMatchObject({ newlyDenied: 0, newlyPermitted: expected })
    const [row] = (await there.ada.call('replays.changed', { replayId: without.id })).items
    expect(row).toMatchObject({ change: 'newly_permitted' })
    await there.ada.call(
      'policies.endEnforcement',
      { policyId: policy.id, mode: 'draft', reason: 'tried' },
      { version: policy.version },
    )
  })

  test('what a console action was asked with is asked again: client, age of the sign-in, teams', async () => {
    await there.ada.call(
      'contexts.update',
      { contextId: there.context.id, description: 'x' },
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
    expect(await asked({ projectId: there.projects[1]!.id })).toBe(
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
