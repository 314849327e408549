import type { PolicyFacts } from '../../../contract/policy-facts.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
let ben: WorldPerson
let sam: WorldPerson
let pipeline: Pipeline

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  ben = await world.as('ben')
  sam = await world.as('sam')
  await world.grant(ben, 'securityAdmin')
  await world.grant(sam, 'developer')
  pipeline = await openPipeline(world, ada)
})
afterAll(async () => {
  await pipeline.close()
  await world.close()
})

const tags = 'forbid (principal, action == Sallyport::Action::"context:use", resource)'
const noTags = `@reason("no tags")\n${tags}\nwhen { context has tag };\n`
const nothing = `${tags}\nwhen { false };\n`
let count = 0
const draft = (text: string) => ada.call('policies.create', { name: `Tested ${++count}`, text })

const run = {
  kind: 'run',
  at: '2026-11-25T12:00:00Z',
  workload: { id: 'circleci:gh/a', name: 'a pipeline' },
  context: { id: 'c', name: 'prod' },
  provider: 'circleci',
  fromFork: false,
  sshRerun: false,
} as const

describe('tests live with their policy', () => {
  test('each is told by the newest version, as the decision point would', async () => {
    const policy = await draft(noTags)
    const id = { policyId: policy.id }
    const tagged = await ada.call('policyTests.create', {
      ...id,
      name: 'A tag',
      expected: 'denied',
      facts: { ...run, tag: 'v1' },
    })
    await ada.call('policyTests.create', {
      ...id,
      name: 'No tag',
      expected: 'permitted',
      facts: { ...run, branch: 'main' },
    })
    expect(await world.lastEvent()).toMatchObject({
      action: 'policyTests.create',
      resource: { id: policy.id },
      after: { test: 'No tag', expected: 'permitted' },
    })
    const { items, verdicts } = await ada.call('policyTests.list', id)
    expect(items.map(({ name }) => name)).toEqual(['A tag', 'No tag'])
    expect(verdicts).toMatchObject([
      { testId: tagged.id, verdict: 'denied', passes: true, reasons: ['no tags'] },
      { verdict: 'permitted', passes: true },
    ])
    // The control: the same tests of a text that forbids nothing, and of one that cannot be evaluated.
    const of = async (text: string) =>
      (await ada.call('policyTests.run', { ...id, text })).verdicts.map(
        ({ verdict, passes }) => `${verdict} ${passes}`,
      )
    expect(await of(nothing)).toEqual(['permitted false', 'permitted true'])
    expect(await of(`${tags} when { context.branch == "main" };`)).toEqual([
      'error false',
      'denied false',
    ])
    expect(await of('forbid (')).toEqual(['error false', 'error false'])
  })

  test('a console question is tested likewise', async () => {
    const policy = await draft(
      'forbid (principal, action == Sallyport::Action::"context:delete", resource) when { context.client == "token" };',
    )
    const facts = {
      kind: 'console',
      at: '2026-11-25T12:00:00Z',
      action: 'context:delete',
      person: { id: 'p', name: 'Ada', teams: [] },
      client: 'token',
      resource: { kind: 'context', id: 'c', name: 'prod' },
    } satisfies PolicyFacts
    for (const client of ['token', 'console'] as const) {
      await ada.call('policyTests.create', {
        policyId: policy.id,
        name: client,
        expected: client === 'token' ? 'denied' : 'permitted',
        facts: { ...facts, client },
      })
    }
    const { verdicts } = await ada.call('policyTests.list', { policyId: policy.id })
    expect(verdicts.map(({ passes }) => passes)).toEqual([true, true])
  })

  test('failing ones block leaving draft and enforcement, and are named', async () => {
    const policy = await draft(noTags)
    const id = { policyId: policy.id }
    const made = await ada.call('policyTests.create', {
      ...id,
      name: 'Releases go out',
      expected: 'permitted',
      facts: { ...run, tag: 'v1' },
    })
    await expect(
      ada.call('policies.setMode', { ...id, mode: 'evaluate' }, { version: 1 }),
    ).rejects.toMatchObject({
      code: 'tests_failing',
      status: 422,
      message: expect.stringContaining('“Releases go out”'),
      problem: { fields: [{ path: 'tests', message: expect.stringMatching(/permitted.*denied/) }] },
    })
    const change = { ...id, testId: made.id, expected: 'denied' } as const
    await expect(ada.call('policyTests.update', change, { version: 7 })).rejects.toMatchObject({
      code: 'stale',
    })
    await ada.call('policyTests.update', change, { version: 1 })
    const tried = await ada.call('policies.setMode', { ...id, mode: 'evaluate' }, { version: 1 })
    const asked = await ada.call('policies.askEnforcement', id, { version: tried.version })
    // A test that was added since stands in the second person's way as well.
    await ada.call('policyTests.create', {
      ...id,
      name: 'Added since',
      expected: 'permitted',
      facts: { ...run, tag: 'v2' },
    })
    await expect(
      ben.call('policies.approveEnforcement', id, { version: asked.version }),
    ).rejects.toMatchObject({
      code: 'tests_failing',
      message: expect.stringContaining('“Added since”'),
    })
    // A version may be written that fails: the event says so, and it stays out of force.
    const written = await ada.call('policies.update', { ...id, text: nothing }, { version: 3 })
    expect(written.mode).toBe('evaluate')
    expect(await world.lastEvent()).toMatchObject({
      action: 'policies.update',
      detail: { tests: 2, failing: ['Releases go out'] },
    })
  })

  test('a policy of the library brings its examples along, and all of them pass', async () => {
    const { items: starters } = await ada.call('policies.starters', {})
    for (const { id: starter, name, text, examples } of starters) {
      const made = await ada.call('policies.create', { name: `${name} (tested)`, text, starter })
      const { items, verdicts } = await ada.call('policyTests.list', { policyId: made.id })
      // A config is no facts of a request: those examples are tried where configs are checked.
      const requests = text.includes('Action::"config:') ? 0 : examples.length
      expect([name, items.length]).toEqual([name, requests])
      expect([name, verdicts.filter(({ passes }) => !passes)]).toEqual([name, []])
    }
    await expect(
      ada.call('policies.create', { name: 'Of nothing', text: noTags, starter: 'no-such' }),
    ).rejects.toMatchObject({ code: 'not_found' })
  })

  test('for who may update policies only, and each name once', async () => {
    const policy = await draft(noTags)
    const made = { policyId: policy.id, name: 'One', expected: 'denied', facts: run } as const
    await expect(sam.call('policyTests.create', made)).rejects.toMatchObject({ code: 'forbidden' })
    const { id: testId } = await ada.call('policyTests.create', made)
    await expect(ada.call('policyTests.create', made)).rejects.toMatchObject({ code: 'name_taken' })
    const gone = { policyId: policy.id, testId }
    await expect(sam.call('policyTests.remove', gone, { version: 1 })).rejects.toMatchObject({
      code: 'forbidden',
    })
    await ada.call('policyTests.remove', gone, { version: 1 })
    await expect(ada.call('policyTests.remove', gone, { version: 1 })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect((await sam.call('policyTests.list', { policyId: policy.id })).items).toEqual([])
  })
})

describe('a recorded decision becomes a test', () => {
  const recorded = async (action: string) =>
    (await ada.call('decisions.list', { action })).items[0]?.id ?? ''

  test('a run’s, without the address and the pipeline values that the policy does not read', async () => {
    await pipeline.lease()
    const decisionId = await recorded('context:use')
    const policy = await draft(noTags)
    const made = await ada.call('policyTests.fromDecision', {
      policyId: policy.id,
      decisionId,
      expected: 'permitted',
    })
    expect(made).toMatchObject({
      decisionId,
      leftOut: ['address'],
      facts: {
        kind: 'run',
        branch: 'main',
        context: { id: pipeline.context.id, segmentId: pipeline.segment.id },
        project: { id: pipeline.project.id },
      },
    })
    expect(JSON.stringify(made.facts)).not.toMatch(/"ip"|variables|pipeline\.id/)
    const { verdicts } = await ada.call('policyTests.list', { policyId: policy.id })
    expect(verdicts).toMatchObject([{ passes: true }])
    // What the policy reads stays: it would be another question without it.
    const near = await draft(
      `${tags} unless { context has ip && context.ip.isInRange(ip("127.0.0.0/8")) };`,
    )
    const kept = await ada.call('policyTests.fromDecision', {
      policyId: near.id,
      decisionId,
      expected: 'permitted',
    })
    expect(kept).toMatchObject({ leftOut: [], facts: { ip: '127.0.0.1' } })
  })

  test('a person’s, without who they are', async () => {
    const context = await ada.call('contexts.create', { name: 'fixture' })
    await ada.call('contexts.update', { contextId: context.id, description: 'x' }, { version: 1 })
    const policy = await draft(
      'forbid (principal, action == Sallyport::Action::"context:update", resource) when { context.client == "token" };',
    )
    const made = await ada.call('policyTests.fromDecision', {
      policyId: policy.id,
      decisionId: await recorded('context:update'),
      expected: 'permitted',
    })
    expect(JSON.stringify(made.facts)).not.toMatch(/Ada|meridian\.example|"ip"/)
    expect(JSON.stringify(made.request)).not.toMatch(/Ada|meridian\.example/)
    expect(made.leftOut).toContain('e-mail address')
  })

  test('none that one may not see', async () => {
    await ada.call('contexts.create', { name: 'elsewhere' })
    const decisionId = await recorded('context:create')
    const lead = await world.as('polly')
    const { id, name } = await ada.call('roles.create', {
      name: 'Policy author',
      permissions: ['policy:view', 'policy:update'],
    })
    await world.grant(lead, { id, name })
    const policy = await draft(noTags)
    const ask = { policyId: policy.id, decisionId, expected: 'denied' } as const
    await expect(lead.call('policyTests.fromDecision', ask)).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(ada.call('policyTests.fromDecision', ask)).resolves.toMatchObject({ decisionId })
  })
})
