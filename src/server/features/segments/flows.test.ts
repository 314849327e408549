import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decideUse } from '../../decision/decide-use.ts'
import { noPolicies } from '../../decision/policy-judge.ts'
import type { DecisionRecord } from '../../decision/record-decision.ts'
import type { RunFacts } from '../../decision/run-facts.ts'
import type { Problem } from '../../../contract/problem.ts'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import { recordPast } from '../../testing/recorded.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'
import { unique } from '../../testing/unique.ts'

let world: World
let ada: WorldPerson
let pipeline: Pipeline
/** In which the context lies, and nothing runs. */
let vault: { id: string; name: string }
let lab: { id: string; name: string }

interface Flow {
  readonly from: string
  readonly to: string
}
const change = async (
  flows: { allow?: Flow[]; stop?: Flow[]; reason?: string },
  who = ada,
  version?: number,
) =>
  who.call('segments.changeFlows', flows, {
    version: version ?? (await who.call('segments.flows', {})).version,
  })

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  pipeline = await openPipeline(world, ada)
  vault = await ada.call('segments.create', {
    name: 'Vault',
    tier: 'production',
    cidrs: ['198.51.100.0/24'],
  })
  lab = await ada.call('segments.create', { name: 'Lab', tier: 'sandbox' })
  const contextId = pipeline.context.id
  const { version } = await ada.call('contexts.view', { contextId })
  await ada.call('contexts.update', { contextId, segmentId: vault.id }, { version })
})
afterAll(async () => {
  await pipeline.close()
  await world.close()
})

const flow = () => ({ from: pipeline.segment.id, to: vault.id })

describe('a flow between segments', () => {
  test('is what lets a run in one use a context of the other: without it the clause is named', async () => {
    const before = await pipeline.exchange()
    const clause = `Runs in segment “${pipeline.segment.name}” may reach segment “Vault”`
    expect(before).toMatchObject({
      status: 403,
      body: {
        code: 'use_denied',
        title: expect.stringContaining(clause),
        failed: [
          {
            layer: 'segment',
            clause,
            expected: `an allowed flow from “${pipeline.segment.name}” to “Vault”`,
            actual: 'no such flow',
            change: expect.stringContaining('Allow the flow'),
          },
        ],
      },
    })
    const decisionId = (before.body as Problem).decision?.split('/').at(-1) ?? ''
    const { layers } = await ada.call('decisions.view', { decisionId })
    expect(layers.find(({ layer }) => layer === 'segment')).toMatchObject({
      verdict: 'denied',
      because: [
        { kind: 'segment', id: pipeline.segment.id },
        { kind: 'segment', id: vault.id },
      ],
    })
    const imagined = { contextId: pipeline.context.id, projectId: pipeline.project.id }
    const trying = () => ada.call('contexts.tryRun', { ...imagined, branch: 'main' })
    expect(await trying()).toMatchObject({
      outcome: 'denied',
      clauses: expect.arrayContaining([
        expect.objectContaining({ clause: expect.stringContaining('The flow'), value: 'false' }),
      ]),
    })

    await change({ allow: [flow()], reason: 'Releases are made there' })
    expect(await world.lastEvent()).toMatchObject({
      action: 'segments.changeFlows',
      outcome: 'permitted',
      before: [],
      after: [`${pipeline.segment.name} → Vault`],
      detail: { reason: 'Releases are made there' },
    })
    expect(await trying()).toMatchObject({ outcome: 'permitted' })
    const lease = await pipeline.lease()

    await change({ stop: [flow()] })
    expect(await pipeline.exchange()).toMatchObject({ status: 403 })
    // Also what was given before.
    expect(await pipeline.redeem(lease.access_token)).toMatchObject({
      status: 403,
      body: { code: 'use_denied' },
    })
  })

  test('leads one way, between two, and not on from there', async () => {
    const back = { from: vault.id, to: pipeline.segment.id }
    await change({ allow: [back, { from: pipeline.segment.id, to: lab.id }], reason: 'a test' })
    await change({ allow: [{ from: lab.id, to: vault.id }], reason: 'a test' })
    expect(await pipeline.exchange()).toMatchObject({ status: 403 })
    const { flows } = await ada.call('segments.flows', {})
    expect(flows).toHaveLength(3)
    expect(flows[0]).toMatchObject({ reason: 'a test', createdBy: { id: ada.id } })
    await change({ stop: flows.map(({ from, to }) => ({ from, to })) })
    expect((await ada.call('segments.flows', {})).flows).toEqual([])
  })

  test('is allowed with a reason, by version, and never within a segment', async () => {
    await expect(change({ allow: [flow()] })).rejects.toMatchObject({
      status: 422,
      code: 'reason_required',
      problem: { fields: [{ path: 'reason', message: expect.stringContaining('→ Vault') }] },
    })
    const { version } = await ada.call('segments.flows', {})
    await expect(
      change({ allow: [flow()], reason: 'late' }, ada, version - 1),
    ).rejects.toMatchObject({ code: 'stale', problem: { current: { version } } })
    const field = (path: string) => ({ code: 'invalid_input', problem: { fields: [{ path }] } })
    const within = { from: vault.id, to: vault.id }
    await expect(change({ allow: [within], reason: 'x' })).rejects.toMatchObject(
      field('allow.0.to'),
    )
    await expect(change({ allow: [flow()], stop: [flow()], reason: 'x' })).rejects.toMatchObject(
      field('allow.0'),
    )
    await expect(
      change({ allow: [{ from: vault.id, to: randomUUID() }], reason: 'x' }),
    ).rejects.toMatchObject(field('allow.0.to'))
    await expect(change({})).rejects.toMatchObject(field('allow'))
    expect((await ada.call('segments.flows', {})).version).toBe(version)
  })

  test('of two who change the matrix at once, one is told', async () => {
    const { version } = await ada.call('segments.flows', {})
    const tried = await Promise.allSettled(
      [lab.id, pipeline.segment.id].map((from) =>
        change({ allow: [{ from, to: vault.id }], reason: 'at once' }, ada, version),
      ),
    )
    expect(tried.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const { flows } = await ada.call('segments.flows', {})
    expect(flows).toHaveLength(1)
    await change({ stop: flows.map(({ from, to }) => ({ from, to })) })
  })

  test('is shown and changed only where both of its ends are (P15)', async () => {
    const [here, there] = await Promise.all(
      [unique('here'), unique('there')].map((name) =>
        ada.call('segments.create', { name, tier: 'build' }),
      ),
    )
    if (!here || !there) throw new Error('no segments')
    await change({ allow: [{ from: here.id, to: vault.id }], reason: 'a test' })
    const lee = await world.as(unique('lee'))
    for (const one of [here, there]) {
      await world.grant(lee, 'securityAdmin', { kind: 'segment', id: one.id, name: one.name })
    }
    const seen = await lee.call('segments.flows', {})
    expect(seen.segments.map(({ id, mayChange }) => [id, mayChange])).toEqual(
      expect.arrayContaining([
        [here.id, true],
        [there.id, true],
      ]),
    )
    expect(seen).toMatchObject({ segments: { length: 2 }, flows: [] })
    const allow = (to: string) => ({ allow: [{ from: here.id, to }], reason: 'mine' })
    const elsewhere = await change(allow(vault.id), lee).catch((error: unknown) => error)
    const nowhere = await change(allow(randomUUID()), lee).catch((error: unknown) => error)
    expect(elsewhere).toMatchObject({ code: 'invalid_input' })
    expect((elsewhere as Error).message).toBe((nowhere as Error).message)
    expect((await change(allow(there.id), lee)).flows).toHaveLength(1)
    // Whoever only sees the matrix is told what is missing.
    const noor = await world.as(unique('noor'))
    await world.grant(noor, 'auditor')
    await expect(change({ stop: [flow()] }, noor)).rejects.toMatchObject({
      code: 'forbidden',
      problem: { permission: 'segment:update' },
    })
    const { flows } = await ada.call('segments.flows', {})
    await change({ stop: flows.map(({ from, to }) => ({ from, to })) })
  })
})

/** That a run used a context of a segment, whatever its restrictions are. */
function usedBy(
  { id, name }: { readonly id: string; readonly name: string },
  segment: string,
  run: RunFacts & { readonly project: { readonly id: string } },
): DecisionRecord & { at: Date } {
  const resource = { kind: 'context' as const, id, name, within: { context: id, segment } }
  const actor = { kind: 'workload' as const, id: 'w', name: 'w', teams: [], grants: [] }
  const decision = decideUse(noPolicies, actor, { context: resource, run, restrictions: [] })
  return { at: run.now, actor, resource, decision, run, projectId: run.project.id }
}

describe('the impact of a change of flows', () => {
  const runs = 24
  /** Every third of the lab, the others of the pipeline's segment; every fourth is not of the main branch. */
  const ofLab = (at: number) => at % 3 === 0
  const refused = (at: number) => at % 4 === 0
  const many = (of: (at: number) => boolean) =>
    Array.from({ length: runs }, (_, at) => at).filter(of).length

  beforeAll(async () => {
    const { context, project } = pipeline
    await recordPast(
      world,
      Array.from({ length: runs }, (_, at): DecisionRecord & { at: Date } => {
        const segment = ofLab(at) ? lab : pipeline.segment
        const run = {
          now: new Date(Date.now() - (at + 1) * 3_600_000),
          provider: 'circleci',
          project: { id: project.id, name: project.name, segment },
          fromFork: false,
          sshRerun: false,
          variables: {
            'pipeline.git.branch': refused(at) ? 'other' : 'main',
            'job.ssh.enabled': false,
          },
        }
        return usedBy(context, vault.id, run)
      }),
    )
  })

  test('counts exactly the uses that turn, either way', async () => {
    const fresh = { newlyDenied: 0, newlyPermitted: 0 }
    const impact = (flows: object, who = ada) => who.call('segments.impact', flows)
    const before = await impact({ allow: [flow()] })
    // Those of the journey above were refused for the same reason.
    const own = before.newlyPermitted - many((at) => !ofLab(at) && !refused(at))
    expect(own).toBeGreaterThan(0)
    const fromLab = { from: lab.id, to: vault.id }
    expect(await impact({ allow: [fromLab] })).toMatchObject({
      ...fresh,
      newlyPermitted: many((at) => ofLab(at) && !refused(at)),
      permittedBy: [{ name: pipeline.project.name }],
    })
    // What leads elsewhere opens nothing; nor does stopping what is not allowed.
    expect(await impact({ allow: [{ from: vault.id, to: lab.id }] })).toMatchObject(fresh)
    expect(await impact({ stop: [fromLab] })).toMatchObject(fresh)
    await change({ allow: [fromLab], reason: 'for a test' })
    expect(await impact({ allow: [fromLab] })).toMatchObject(fresh)
    const stopped = await impact({ stop: [fromLab] })
    expect(stopped).toMatchObject({
      ...fresh,
      newlyDenied: many((at) => ofLab(at) && !refused(at)),
      rows: expect.arrayContaining([
        expect.objectContaining({
          change: 'newly_denied',
          sentence: expect.stringContaining('Runs in segment “Lab” may reach segment “Vault”'),
        }),
      ]),
    })
    await change({ stop: [fromLab] })
    const noor = await world.as(unique('noor'))
    await world.grant(noor, 'auditor')
    await expect(impact({ stop: [fromLab] }, noor)).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('names of each use its own project, and by whose word it is admitted, however alike they are', async () => {
    await using own = await openPipeline(world, ada, { restricted: false })
    const login = 'pipeline.git.commit.author_login'
    // Of Lee's runs it cannot be told, and what cannot be told no exception admits.
    await own.restrict(`${login} == "robin" or (${login} == "lee" and pipeline.git.branch > 1)`)
    const { status, body } = await own.exchange()
    expect(status).toBe(403)
    const decisionId = (body as Problem).decision?.split('/').at(-1) ?? ''
    const sam = await world.as(unique('sam'))
    await world.grant(sam, 'developer', { kind: 'project', ...own.project })
    const { id: exceptionId, version } = await sam.call('exceptions.create', {
      decisionId,
      minutes: 60,
      reason: 'Robin is away',
    })
    const excepted = { contextId: own.context.id, exceptionId, reason: '' }
    await ada.call('exceptions.approve', excepted, { version })
    const { context, segment, project } = own
    const now = new Date()
    const used = (of: typeof project, actorLogin: string): DecisionRecord & { at: Date } => {
      const run = {
        now,
        provider: 'circleci',
        project: { id: of.id, name: of.name, segment: lab },
        branch: 'main',
        fromFork: false,
        sshRerun: false,
        actorLogin,
        variables: { 'pipeline.git.branch': 'main', [login]: actorLogin },
      }
      return usedBy(context, segment.id, run)
    }
    await recordPast(world, [
      used(project, 'robin'),
      used(project, 'kim'),
      used(pipeline.project, 'robin'),
      used(project, 'lee'),
    ])
    const { rows } = await ada.call('segments.impact', {
      allow: [{ from: lab.id, to: segment.id }],
    })
    const admit = `Permitted: the restrictions of context “${context.name}”`
    expect(rows.map(({ sentence }) => sentence)).toHaveLength(3)
    expect(rows.map(({ sentence }) => sentence)).toEqual(
      expect.arrayContaining([
        `${admit} admit project “${project.name}”.`,
        `${admit} admit project “${pipeline.project.name}”.`,
        expect.stringMatching(
          `${admit} do not admit project “${project.name}”, .* an exception does, which ${sam.name} asked for and ${ada.name} approved.`,
        ),
      ]),
    )
  })
})

describe('before the ranges of a segment are changed', () => {
  test('it is told which runs would turn: its own, and those of others that would be drawn in', async () => {
    await using own = await openPipeline(world, ada)
    await own.lease()
    const { id: segmentId } = own.segment
    const preview = (body: { cidrs?: string[]; runnerClasses?: string[] }, id = segmentId) =>
      ada.call('segments.preview', { segmentId: id, ...body })
    expect(await preview({})).toMatchObject({ newlyDenied: 0, newlyPermitted: 0 })
    expect(await preview({ cidrs: ['127.0.0.0/8'] })).toMatchObject({ newlyDenied: 0 })
    const gone = await preview({ cidrs: ['203.0.113.0/24'] })
    expect(gone.deniedBy).toContainEqual(expect.objectContaining({ id: own.project.id }))
    expect(gone.rows[0]).toMatchObject({ change: 'newly_denied', project: { id: own.project.id } })
    const classes = await preview({ runnerClasses: ['self-hosted/production'] })
    expect(classes.deniedBy).toContainEqual(expect.objectContaining({ id: own.project.id }))
    // Another segment takes the address: what a flow led on from here would take place there.
    await change({ allow: [flow()], reason: 'a test' })
    await pipeline.lease()
    const drawn = await preview({ cidrs: ['127.0.0.0/24'] }, lab.id)
    expect(drawn.deniedBy).toContainEqual(expect.objectContaining({ id: pipeline.project.id }))
    // Nothing of it is so by having been asked.
    expect((await pipeline.exchange()).status).toBe(200)
    const { version } = await ada.call('segments.view', { segmentId: lab.id })
    const taken = { segmentId: lab.id, cidrs: ['127.0.0.0/24'] }
    await ada.call('segments.update', taken, { version })
    expect((await pipeline.exchange()).status).toBe(403)
    const back = await preview({ cidrs: [] }, lab.id)
    expect(back.permittedBy).toContainEqual(expect.objectContaining({ id: pipeline.project.id }))
  })

  test('only by who may change it, and for ranges that are some', async () => {
    const lin = await world.as('lin')
    await world.grant(lin, 'auditor')
    const body = { segmentId: lab.id, cidrs: ['10.0.0.0/8'] }
    await expect(lin.call('segments.preview', body)).rejects.toMatchObject({ code: 'forbidden' })
    const wrong = ada.call('segments.preview', { ...body, cidrs: ['10.0.0.0/99'] })
    await expect(wrong).rejects.toMatchObject({ code: 'invalid_input' })
  })
})
