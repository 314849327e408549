import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enforced } from '../../testing/enforced.ts'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
let pipeline: Pipeline
let production: { id: string; name: string }
/** In production: admits the pipeline's project, whose runs take place elsewhere. */
let ledger: { id: string; name: string }
/** In production: admits nobody of ours. */
let far: { id: string; name: string }

const change = async (verb: 'allow' | 'stop') => {
  const { version } = await ada.call('segments.flows', {})
  const flow = { from: pipeline.segment.id, to: production.id }
  await ada.call('segments.changeFlows', { [verb]: [flow], reason: 'for a test' }, { version })
}

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  pipeline = await openPipeline(world, ada)
  production = await ada.call('segments.create', {
    name: 'Production',
    tier: 'production',
    cidrs: ['10.0.0.0/8'],
    runnerClasses: ['own/production'],
  })
  const inProduction = async (name: string, targetId?: string) => {
    const made = await ada.call('contexts.create', { name, segmentId: production.id })
    const contextId = made.id
    await ada.call('contexts.store', { contextId, name: 'KEY', value: `value of ${name}` })
    if (targetId) {
      const restriction = { kind: 'project', targetId } as const
      await ada.call('contexts.restrict', { contextId, restriction })
    }
    return made
  }
  ledger = await inProduction('ledger', pipeline.project.id)
  far = await inProduction('far')
})
afterAll(async () => {
  await pipeline.close()
  await world.close()
})

const named = ({ id, name }: { id: string; name: string }) => ({ id, name })
const names = ({ contexts }: { contexts: readonly { context: { name: string } }[] }) =>
  contexts.map(({ context }) => context.name)

describe('of a project', () => {
  const radius = (who = ada) => who.call('reach.ofProject', { projectId: pipeline.project.id })

  test('is what admits it where its runs take place, and where a flow leads from there', async () => {
    expect(names(await radius())).toEqual([pipeline.context.name])
    await change('allow')
    const wider = await radius()
    expect(names(wider)).toEqual(['ledger', pipeline.context.name])
    expect(wider).toMatchObject({
      days: 90,
      totals: { contexts: 2, secrets: 3, production: 1, unused: 2, former: 0 },
      segments: [
        { segment: { name: 'Production', tier: 'production' }, contexts: 1, secrets: 1 },
        { segment: { tier: 'build' }, contexts: 1, secrets: 2 },
      ],
    })
    expect(wider.contexts[0]?.ways).toEqual([
      [
        { kind: 'trustRule', id: pipeline.rule.id, name: 'checkout' },
        {
          kind: 'restriction',
          id: ledger.id,
          name: `project ${pipeline.project.name}`,
        },
        {
          kind: 'flow',
          id: pipeline.segment.id,
          name: `${pipeline.segment.name} → Production`,
        },
      ],
    ])
  })

  test('tells what is used beside what is entitled, also when it is entitled no more', async () => {
    await pipeline.lease()
    await pipeline.lease({ resource: 'ledger' })
    const used = await radius()
    expect(used.totals).toMatchObject({ unused: 0, former: 0 })
    expect(used.contexts.map(({ used }) => used)).toEqual([1, 1])
    expect(used.contexts[0]?.lastUsedAt).not.toBeNull()
    await change('stop')
    const former = await radius()
    expect(former.totals).toMatchObject({ contexts: 1, former: 1, production: 0 })
    expect(former.contexts[0]).toMatchObject({
      context: { name: 'ledger' },
      may: [],
      ways: [],
      used: 1,
    })
    await change('allow')
  })

  test('shows only what the reader may see (P15)', async () => {
    const lee = await world.as('lee')
    await world.grant(lee, 'auditor', { kind: 'segment', ...pipeline.segment })
    expect(await radius(lee)).toMatchObject({
      contexts: [{ context: { name: pipeline.context.name } }],
      totals: { contexts: 1, secrets: 2, production: 0 },
    })
    const far = await world.as('mo')
    await world.grant(far, 'auditor', { kind: 'segment', ...production })
    await expect(radius(far)).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('of a runner class', () => {
  const radius = (runnerClass?: string, who = ada) =>
    who.call('reach.ofRunnerClass', runnerClass === undefined ? {} : { runnerClass })

  test('is what its projects reach from the segments that name it', async () => {
    const trustRuleId = pipeline.rule.id
    const { version } = await ada.call('trustRules.view', { trustRuleId })
    await change('stop')
    const { classes } = await radius()
    const segments = [{ id: production.id, name: production.name }]
    expect(classes).toEqual([{ name: 'own/production', segments }])
    expect((await radius('own/production')).reach?.contexts).toEqual([])
    const classed = { trustRuleId, runnerClass: 'own/production' }
    const changed = await ada.call('trustRules.update', classed, { version })
    // From production itself it needs no flow; where its project is placed it is not.
    const found = (await radius('own/production')).reach
    expect(found?.contexts.filter(({ ways }) => ways.length > 0)).toMatchObject([
      { context: { name: 'ledger' }, ways: [[{ kind: 'trustRule' }, { kind: 'restriction' }]] },
    ])
    expect((await radius('nobody/s')).reach).toBeNull()
    await ada.call('trustRules.update', { trustRuleId, runnerClass: null }, changed)
    await change('allow')
  })

  test('that is named where one may not look is not known (P15)', async () => {
    const kim = await world.as('kim')
    await world.grant(kim, 'auditor', { kind: 'segment', ...pipeline.segment })
    expect(await radius('own/production', kim)).toEqual({ classes: [], reach: null })
  })
})

describe('of a person', () => {
  test('is by which grants they get at contexts, directly or by a team, and what they did', async () => {
    const pat = await world.as('pat', { groups: ['crew'] })
    const radius = (who = ada) => who.call('reach.ofPerson', { personId: pat.id })
    expect((await radius()).contexts).toEqual([])
    const grantId = await world.grant(pat, 'teamLead', { kind: 'context', ...far })
    const [team] = (await ada.call('teams.list', {})).items
    const byTeam = await ada.call('grants.create', {
      roleId: '00000000-0000-7000-8000-000000000004',
      subject: { kind: 'team', id: team?.id ?? '' },
      scope: { kind: 'segment', id: production.id },
      reason: 'for a test',
    })
    await pat.call('contexts.store', { contextId: far.id, name: 'KEY', value: 'another' })
    const found = await radius()
    expect(names(found)).toEqual(['far', 'ledger'])
    const [first, second] = found.contexts
    expect(first).toMatchObject({ used: 1, may: expect.arrayContaining(['secret:store']) })
    expect(first?.ways).toHaveLength(2)
    expect(first?.ways).toContainEqual([
      { kind: 'grant', id: grantId, name: 'grant' },
      expect.objectContaining({ kind: 'role' }),
      { kind: 'scope', id: far.id, name: 'far' },
    ])
    expect(second).toMatchObject({
      may: ['context:use'],
      used: 0,
      ways: [
        [
          { kind: 'team', name: 'crew' },
          { kind: 'grant', id: byTeam.id },
          { kind: 'role', name: 'Developer' },
          { kind: 'scope', id: production.id, name: 'Production' },
        ],
      ],
    })
    expect(found.totals).toMatchObject({ contexts: 2, unused: 1, former: 0 })
    const { items } = await ada.call('reach.everybody', { limit: 200 })
    expect(items.find(({ person }) => person.id === pat.id)).toEqual({
      person: { id: pat.id, name: pat.name },
      grants: 2,
      contexts: found.totals.contexts,
      secrets: found.totals.secrets,
      production: found.totals.production,
    })
    // Who reaches more of production comes first, page by page as at once.
    const ranked = items.map((one) => [one.production, one.contexts, one.secrets])
    expect(ranked).toEqual(
      ranked.toSorted((one, other) => {
        const at = [0, 1, 2].find((nth) => one[nth] !== other[nth]) ?? 0
        return (other[at] ?? 0) - (one[at] ?? 0)
      }),
    )
    const paged: string[] = []
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await ada.call('reach.everybody', { limit: 2, ...(cursor && { cursor }) })
      paged.push(...page.items.map(({ person }) => person.id))
      cursor = page.next
    }
    expect(paged).toEqual(items.map(({ person }) => person.id))
    // Everywhere is the sum of all, each once.
    const all = await ada.call('reach.ofPerson', { personId: ada.id })
    const { contexts, secrets, production: inProduction } = all.totals
    expect(items.find(({ person }) => person.id === ada.id)).toMatchObject({
      contexts,
      secrets,
      production: inProduction,
    })
    // Who may see people and not these grants is told of none.
    const noor = await world.as('noor')
    await world.grant(noor, 'auditor', { kind: 'segment', ...pipeline.segment })
    expect((await radius(noor)).contexts).toEqual([])
    const seen = (await noor.call('reach.everybody', { limit: 200 })).items
    expect(seen.find(({ person }) => person.id === pat.id)).toMatchObject({
      grants: 0,
      contexts: 0,
    })
    await expect(
      ada.call('reach.ofPerson', { personId: pipeline.project.id }),
    ).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('paths from forks to production', () => {
  const paths = (who = ada) => who.call('reach.forkPaths', {})
  const forks = async (allowForks: boolean) => {
    const trustRuleId = pipeline.rule.id
    const { version } = await ada.call('trustRules.view', { trustRuleId })
    const given = { trustRuleId, allowForks, reason: 'for a test' }
    await ada.call('trustRules.update', given, { version })
  }
  const found = async () => {
    await world.app.ledger.settle()
    await world.app.findings.look()
    const { items } = await ada.call('findings.list', { detection: 'context-from-fork' })
    return items.filter(({ state }) => state === 'open').map(({ subject }) => subject.name)
  }

  test('are there while a rule admits forks, a flow leads on, and nothing holds them back', async () => {
    // Its trust rule refuses forks; of its config nothing was ever read, which is not to say that there is no way.
    expect(await paths()).toEqual({
      paths: [],
      more: false,
      edges: [],
      notKnown: [{ project: named(pipeline.project), config: null }],
      moreNotKnown: false,
      configsSeen: true,
    })
    expect(await found()).toEqual([])
    await forks(true)
    const open = await paths()
    expect(open.paths).toMatchObject([
      {
        rule: { id: pipeline.rule.id },
        project: { id: pipeline.project.id },
        from: { id: pipeline.segment.id },
        flow: true,
        context: { name: 'ledger' },
        segment: { id: production.id, tier: 'production' },
        secrets: 1,
        heldBy: null,
      },
    ])
    expect(await found()).toEqual(['ledger'])
    expect(open.edges[0]).toEqual({
      kind: 'trustRule',
      id: pipeline.rule.id,
      name: 'checkout',
      breaks: 1,
      of: 1,
    })
    // The edge that leads on is shown as well, and breaks it too.
    expect(open.edges.map(({ kind }) => kind)).toEqual(['trustRule', 'flow', 'restriction'])
    await change('stop')
    expect((await paths()).paths).toEqual([])
    expect(await found()).toEqual([])
    await change('allow')
    expect(await found()).toEqual(['ledger'])
  })

  test('are shown where one may see both ends, and no less (P15)', async () => {
    const joe = await world.as('joe')
    await world.grant(joe, 'auditor', { kind: 'segment', ...production })
    expect((await paths(joe)).paths).toEqual([])
    await world.grant(joe, 'auditor', { kind: 'segment', ...pipeline.segment })
    expect((await paths(joe)).paths).toHaveLength(1)
  })

  test('that an enforced policy alone holds back are told with it', async () => {
    const ben = await world.as('ben')
    await world.grant(ben, 'securityAdmin')
    const { id: policyId } = await enforced([ada, ben], {
      name: 'No forks',
      text: '@reason("no forks")\nforbid (principal, action == Sallyport::Action::"context:use", resource) when { context.fromFork };\n',
    })
    expect((await paths()).paths).toMatchObject([{ heldBy: { id: policyId, name: 'No forks' } }])
    await forks(false)
    expect((await paths()).paths).toEqual([])
  })
})
