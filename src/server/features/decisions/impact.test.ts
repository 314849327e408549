import type { Permission } from '../../../contract/permissions.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DecisionRecord } from '../../decision/record-decision.ts'
import { decideUse } from '../../decision/decide-use.ts'
import { noPolicies } from '../../decision/policy-judge.ts'
import type { Restriction, RunFacts } from '../../decision/run-facts.ts'
import { enforced } from '../../testing/enforced.ts'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import { recordPast } from '../../testing/recorded.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
let lin: WorldPerson
let sam: WorldPerson
let context: { id: string; name: string }
let projects: { id: string; name: string }[]
let restrictionId: string

/** Sixty runs of three projects, each third of a release; the third project was refused. */
const runs = 60
const isRelease = (at: number) => Math.floor(at / 3) % 3 === 0
const admitted = (at: number) => at % 3 !== 2
const all = Array.from({ length: runs }, (_, at) => at)
const many = (of: (at: number) => boolean) => all.filter(of).length

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  lin = await world.as('lin')
  sam = await world.as('sam')
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  context = await ada.call('contexts.create', { name: 'prod', segmentId: null })
  projects = []
  for (const name of ['one', 'two', 'three']) {
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
  for (const { id } of projects.slice(0, 2)) {
    const made = await ada.call('contexts.restrict', {
      contextId: context.id,
      restriction: { kind: 'project', targetId: id },
    })
    restrictionId = made.id
  }
  await world.grant(lin, 'teamLead', { kind: 'context', ...context })
  await world.grant(sam, 'developer')
  await recordPast(world, [...all.map(runAt), { ...runAt(0), at: daysAgo(31) }])
})
afterAll(() => world.close())

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)

function runAt(at: number): DecisionRecord & { at: Date } {
  const project = projects[at % 3]!
  const branch = isRelease(at) ? 'release/1' : 'main'
  const when = daysAgo(0.2 + at / 4)
  const run: RunFacts = {
    now: when,
    project: { id: project.id, name: project.name },
    provider: 'circleci',
    fromFork: false,
    sshRerun: false,
    branch,
    variables: { 'pipeline.git.branch': branch },
  }
  const resource = { kind: 'context' as const, ...context, within: { context: context.id } }
  const actor = { kind: 'workload' as const, id: `w${at}`, name: 'w', teams: [], grants: [] }
  const restrictions = projects
    .slice(0, 2)
    .map(({ id, name }): Restriction => ({ id, kind: 'project', target: { id, name } }))
  const decision = decideUse(noPolicies, actor, { context: resource, run, restrictions })
  return { at: when, actor, resource, decision, run, projectId: project.id }
}

describe('restrictions', () => {
  const impact = (change: object, who = ada) =>
    who.call('contexts.impact', { contextId: context.id, ...change })
  const expression = (text: string) => ({
    restriction: { kind: 'expression', expression: text },
  })

  test('an expression denies exactly the uses that it does not admit, by project', async () => {
    const found = await impact(expression('pipeline.git.branch == "main"'))
    const denied = many((at) => admitted(at) && isRelease(at))
    expect(found).toMatchObject({
      days: 30,
      asked: runs,
      more: false,
      untold: 0,
      newlyDenied: denied,
      newlyPermitted: 0,
      permittedBy: [],
    })
    expect(found.deniedBy.map(({ name }) => name).sort()).toEqual(['one', 'two'])
    expect(found.deniedBy.reduce((sum, { count }) => sum + count, 0)).toBe(denied)
    expect(found.rows).toHaveLength(denied)
    expect(found.rows[0]).toMatchObject({
      change: 'newly_denied',
      context: { name: 'prod' },
      sentence: expect.stringContaining('pipeline.git.branch == "main"'),
    })
  })

  test('what changes nothing turns nothing', async () => {
    const same = { newlyDenied: 0, newlyPermitted: 0, rows: [], asked: runs }
    expect(await impact({})).toMatchObject(same)
    expect(
      await impact(expression('pipeline.git.branch matches /^(main|release.*)$/')),
    ).toMatchObject(same)
  })

  test('one more project opens its uses; the last restriction of a kind is told likewise', async () => {
    const opened = await impact({ restriction: { kind: 'project', targetId: projects[2]!.id } })
    expect(opened).toMatchObject({
      newlyDenied: 0,
      newlyPermitted: many((at) => !admitted(at)),
      permittedBy: [{ name: 'three' }],
    })
    expect(await impact({ restrictionId })).toMatchObject({
      newlyDenied: many((at) => at % 3 === 1),
      newlyPermitted: 0,
    })
  })

  test('what a policy refuses anyway is not told to be opened', async () => {
    const ben = await world.as('ben')
    await world.grant(ben, 'securityAdmin')
    const on = await enforced([ada, ben], {
      name: 'Not three',
      text: `forbid (principal in Sallyport::Project::"${projects[2]!.id}", action == Sallyport::Action::"context:use", resource);`,
    })
    const id = { policyId: on.id }
    const open = { restriction: { kind: 'project', targetId: projects[2]!.id } }
    expect((await impact(open)).newlyPermitted).toBe(0)
    await ben.call(
      'policies.endEnforcement',
      { ...id, mode: 'draft', reason: 'tried' },
      { version: on.version },
    )
    expect((await impact(open)).newlyPermitted).toBe(many((at) => !admitted(at)))
  })

  test('for who may restrict the context, of uses that they may see; the reason is in the event', async () => {
    const wanted = expression('pipeline.git.branch == "main"')
    await expect(impact(wanted, sam)).rejects.toMatchObject({ code: 'forbidden' })
    expect((await impact(wanted, lin)).asked).toBe(runs)
    await expect(impact(expression('pipeline.git.branch ='))).rejects.toMatchObject({
      code: 'invalid_input',
    })
    await expect(impact({ restrictionId: projects[0]!.id })).rejects.toMatchObject({
      code: 'not_found',
    })
    // Nor without a reason, where it opens something: also for who cannot see what it opens.
    const opened = many((at) => !admitted(at))
    const more = { kind: 'project', targetId: projects[2]!.id } as const
    for (const reason of [undefined, '  ']) {
      await expect(
        ada.call('contexts.restrict', {
          contextId: context.id,
          restriction: more,
          ...(reason && { reason }),
        }),
      ).rejects.toMatchObject({
        status: 422,
        code: 'reason_required',
        message: expect.stringContaining(`newly permits ${opened} `),
        problem: { fields: [{ path: 'reason' }] },
      })
    }
    expect(await world.lastEvent()).toMatchObject({
      action: 'contexts.restrict',
      outcome: 'failed',
      detail: { code: 'reason_required' },
    })
    const added = await ada.call('contexts.restrict', {
      contextId: context.id,
      restriction: { kind: 'project', targetId: projects[2]!.id },
      reason: 'Three deploys too',
    })
    expect(await world.lastEvent()).toMatchObject({ detail: { reason: 'Three deploys too' } })
    const { version } = await ada.call('contexts.view', { contextId: context.id })
    await ada.call(
      'contexts.removeRestriction',
      { contextId: context.id, restrictionId: added.id, reason: 'Not yet' },
      { version },
    )
    expect(await world.lastEvent()).toMatchObject({ detail: { reason: 'Not yet' } })
  })
})

describe('grants and roles', () => {
  test('what somebody did by a grant, and what they were refused, before it ends or begins', async () => {
    const ann = await world.as('ann')
    const other = await ada.call('contexts.create', { name: 'other' })
    const grantId = await world.grant(ann, 'teamLead', { kind: 'context', ...context })
    const view = await ada.call('contexts.view', { contextId: context.id })
    await ann.call('contexts.update', { contextId: context.id, description: 'a' }, view)
    await ann.call(
      'contexts.update',
      { contextId: context.id, description: 'b' },
      { version: view.version + 1 },
    )
    await world.grant(ann, 'developer')
    await ann
      .call('contexts.update', { contextId: other.id, description: 'c' }, { version: 1 })
      .catch(() => {})
    const ended = await ada.call('grants.impact', { grantIds: [grantId] })
    expect(ended).toMatchObject({
      newlyDenied: 2,
      newlyPermitted: 0,
      deniedBy: [{ id: ann.id, count: 2 }],
    })
    expect(ended.rows.map(({ action }) => action)).toEqual(['context:update', 'context:update'])
    const lead = '00000000-0000-7000-8000-000000000002'
    const subject = { kind: 'person', id: ann.id } as const
    const create = (id: string) =>
      ada.call('grants.impact', {
        create: { roleId: lead, subject, scope: { kind: 'context', id } },
      })
    expect(await create(other.id)).toMatchObject({ newlyDenied: 0, newlyPermitted: 1 })
    // The control: what they hold already turns nothing; nor does what somebody else holds.
    expect(await create(context.id)).toMatchObject({ newlyDenied: 0, newlyPermitted: 0 })
    const again = await world.grant(ann, 'securityAdmin', { kind: 'context', ...context })
    expect(await ada.call('grants.impact', { grantIds: [grantId] })).toMatchObject({
      newlyDenied: 0,
    })
    expect(await ada.call('grants.impact', { grantIds: [grantId, again] })).toMatchObject({
      newlyDenied: 2,
    })
    await expect(lin.call('grants.impact', { grantIds: [grantId] })).resolves.toMatchObject({
      newlyDenied: 0,
    })
    const eve = await world.as('eve')
    await world.grant(eve, 'teamLead', { kind: 'context', ...other })
    await expect(eve.call('grants.impact', { grantIds: [grantId] })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('a role that loses a permission denies what its holders did by it', async () => {
    const role = await ada.call('roles.create', {
      name: 'Describer',
      permissions: ['context:view', 'context:update', 'segment:view'],
    })
    const dora = await world.as('dora')
    await world.grant(dora, { id: role.id, name: role.name })
    const made = await ada.call('contexts.create', { name: 'described' })
    await dora.call('contexts.update', { contextId: made.id, description: 'x' }, { version: 1 })
    await dora.call('segments.create', { name: 'Hers', tier: 'build' }).catch(() => {})
    const impact = async (permissions: Permission[]) =>
      (await ada.call('roles.impact', { roleId: role.id, permissions })).uses
    expect(await impact(['context:view', 'segment:view'])).toMatchObject({
      newlyDenied: 1,
      newlyPermitted: 0,
      rows: [{ decisionId: expect.any(String), action: 'context:update' }],
    })
    expect(await impact(role.permissions)).toMatchObject({ newlyDenied: 0, newlyPermitted: 0 })
    expect(await impact([...role.permissions, 'segment:create'])).toMatchObject({
      newlyDenied: 0,
      newlyPermitted: 1,
      rows: [{ change: 'newly_permitted', action: 'segment:create' }],
    })
    const wider = { roleId: role.id, permissions: [...role.permissions, 'segment:create' as const] }
    await expect(ada.call('roles.update', wider, { version: role.version })).rejects.toMatchObject({
      status: 422,
      code: 'reason_required',
    })
    // The control: what opens nothing that was asked for needs none; nor is a stale version asked for one.
    await expect(ada.call('roles.update', wider, { version: 99 })).rejects.toMatchObject({
      code: 'stale',
    })
    await ada.call(
      'roles.update',
      { roleId: role.id, permissions: ['context:view'], reason: 'Less is enough' },
      { version: role.version },
    )
    expect(await world.lastEvent()).toMatchObject({ detail: { reason: 'Less is enough' } })
  })
})

describe('trust rules', () => {
  let pipeline: Pipeline
  const vcsRef = 'oidc.circleci.com/vcs-ref'
  const projectClaim = 'oidc.circleci.com/project-id'

  beforeAll(async () => {
    pipeline = await openPipeline(world, ada)
    for (let at = 0; at < 3; at++) await pipeline.lease()
    // Of a fork: the rule binds it to the project, and refuses it.
    const fork = await pipeline.token({ 'oidc.circleci.com/vcs-origin': 'github.com/else/fork' })
    await pipeline.exchange({ subject_token: fork })
  })
  afterAll(() => pipeline.close())

  const impact = (change: object) =>
    ada.call('trustRules.impact', { trustRuleId: pipeline.rule.id, ...change })

  test('runs that a narrower rule would refuse, and those that a wider one would admit', async () => {
    expect(await impact({})).toMatchObject({ asked: 4, newlyDenied: 0, newlyPermitted: 0 })
    expect(await impact({ removed: true })).toMatchObject({ newlyDenied: 3, newlyPermitted: 0 })
    const [own] = pipeline.rule.conditions
    const on = (ref: string) => ({
      conditions: [own, { claim: vcsRef, op: 'eq', values: [ref] }],
    })
    expect(await impact(on('refs/heads/main'))).toMatchObject({ newlyDenied: 0 })
    const narrower = await impact(on('refs/heads/release'))
    expect(narrower).toMatchObject({
      newlyDenied: 3,
      deniedBy: [{ name: pipeline.project.name, count: 3 }],
    })
    expect(narrower.rows[0]?.sentence).toContain('refs/heads/release')
    expect(await impact({ allowForks: true })).toMatchObject({
      newlyDenied: 0,
      newlyPermitted: 1,
    })
    const { rule } = pipeline
    const wider = { trustRuleId: rule.id, allowForks: true }
    await expect(
      ada.call('trustRules.update', wider, { version: rule.version }),
    ).rejects.toMatchObject({ code: 'reason_required', message: expect.stringContaining(' 1 ') })
    const same = { trustRuleId: rule.id, allowSshReruns: true }
    const kept = await ada.call('trustRules.update', same, { version: rule.version })
    await ada.call(
      'trustRules.update',
      { ...same, allowSshReruns: false },
      { version: kept.version },
    )
  })

  test('a second rule that tells the same tokens to be another project’s denies them', async () => {
    const terms = {
      issuerId: pipeline.issuer.id,
      conditions: [{ claim: projectClaim, op: 'eq', values: [pipeline.externalId] }] as never,
    }
    const impactOf = (projectId: string, allowForks = false) =>
      ada.call('trustRules.impactOfNew', { ...terms, projectId, allowForks })
    // To another project these are runs of a fork: only a rule that admits those claims them.
    expect(await impactOf(projects[0]!.id)).toMatchObject({ newlyDenied: 0, newlyPermitted: 0 })
    const claimed = await impactOf(projects[0]!.id, true)
    expect(claimed).toMatchObject({ newlyDenied: 3, newlyPermitted: 0 })
    expect(await impactOf(pipeline.project.id)).toMatchObject({ newlyDenied: 0 })
    await expect(
      sam.call('trustRules.impactOfNew', { ...terms, projectId: projects[0]!.id }),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('what was not kept of a token cannot be told; nobody’s name was', async () => {
    const [own] = pipeline.rule.conditions
    const unheard = { claim: 'custom', op: 'eq', values: ['x'] }
    expect(await impact({ conditions: [own, unheard] })).toMatchObject({
      newlyDenied: 0,
      untold: 3,
    })
    const { claims } = await world.app.db
      .selectFrom('decision')
      .where('claims', 'is not', null)
      .select('claims')
      .executeTakeFirstOrThrow()
    expect(claims?.issuer).toBe(pipeline.issuer.id)
    expect(Object.keys(claims?.claims ?? {})).toContain(vcsRef)
    expect(JSON.stringify(claims)).not.toMatch(/job-id|workflow-id|jti|"aud"|eyJ/)
  })
})
