import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../db/connect.ts'
import { openPipeline } from '../../testing/pipeline.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

/* What a fix is filled in with stands in the finding: its evidence, with the kind and the id of what is changed. */

let world: World
let ada: WorldPerson

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  await world.as('grouped', { groups: ['platform'] })
})
afterAll(() => world.close())

async function finding(detection: string, subject: string) {
  await world.app.ledger.settle()
  await world.app.findings.look()
  const { items } = await ada.call('findings.list', { detection, state: 'any', limit: 200 })
  const found = items.find((item) => item.subject.id === subject)
  return ada.call('findings.view', { findingId: found?.id ?? '' })
}

test('of a lease that was shown twice: each secret that it opened and that is not rotated since, until none is left', async () => {
  await using pipeline = await openPipeline(world, ada)
  const { access_token, lease } = await pipeline.lease()
  await pipeline.redeem(access_token)
  await pipeline.redeem(access_token)
  const left = async () => {
    const { evidence, state, fix } = await finding('lease-replayed', lease)
    expect(fix.opens).toBe('lease.rotate')
    const secrets = evidence.filter(({ what }) => what === 'Not rotated since')
    for (const each of secrets) expect(each).toMatchObject({ kind: 'context', id: contextId })
    return state === 'open' ? secrets.map(({ name }) => name.split(' ')[0]) : state
  }
  const contextId = pipeline.context.id
  expect(await left()).toEqual(['API_KEY', 'EMPTY'])
  await ada.call('contexts.store', { contextId, name: 'API_KEY', value: 'another' })
  expect(await left()).toEqual(['EMPTY'])
  await ada.call('contexts.store', { contextId, name: 'EMPTY', value: 'another too' })
  expect(await left()).toBe('resolved')
})

test('of a context and a project without an owner: the team that owns most of what uses it, or of what it uses', async () => {
  await using pipeline = await openPipeline(world, ada)
  const [team] = (await ada.call('teams.list', {})).items
  const { project, context } = pipeline
  const owner = { what: 'Likely owner', kind: 'team', id: team?.id, name: team?.name }
  const likely = async (detection: string, subject: string) =>
    (await finding(detection, subject)).evidence.filter(({ kind }) => kind === 'team')
  expect(await likely('context-without-owner', context.id)).toEqual([])
  await ada.call('projects.update', { projectId: project.id, teamId: team?.id ?? '' }, project)
  // What is suggested follows with the night.
  await world.app.findings.look({ all: true })
  expect(await likely('context-without-owner', context.id)).toEqual([
    { ...owner, says: 'owns 1 of the projects that may use it' },
  ])
  const { version } = await ada.call('contexts.view', { contextId: context.id })
  await ada.call('contexts.update', { contextId: context.id, teamId: team?.id ?? '' }, { version })
  const owned = await ada.call('projects.view', { projectId: project.id })
  await ada.call('projects.update', { projectId: project.id, teamId: null }, owned)
  expect(await likely('project-without-owner', project.id)).toEqual([
    { ...owner, says: 'owns 1 of the contexts that it may use' },
  ])
})

test('of a way from a fork: the rule that admits forks comes first', async () => {
  await using pipeline = await openPipeline(world, ada)
  const { context, rule } = pipeline
  const segment = await ada.call('segments.create', { name: 'Forked prod', tier: 'production' })
  const { version } = await ada.call('contexts.view', { contextId: context.id })
  const place = { contextId: context.id, segmentId: segment.id }
  await ada.call('contexts.update', place, { version })
  const { project } = pipeline
  const there = { projectId: project.id, segmentId: segment.id }
  await ada.call('projects.update', there, await ada.call('projects.view', there))
  await ada.call('trustRules.update', { trustRuleId: rule.id, allowForks: true }, rule)
  const { evidence, fix } = await finding('context-from-fork', context.id)
  expect(fix.opens).toBe('forkPaths')
  expect(evidence[0]).toMatchObject({ kind: 'trustRule', id: rule.id })
})

test('of a production segment without a network: those that its runs came from, all of them or none', async () => {
  await using pipeline = await openPipeline(world, ada)
  const { project } = pipeline
  const { access_token } = await pipeline.lease()
  const made = { name: 'Open prod', tier: 'production' } as const
  const segment = await ada.call('segments.create', made)
  const there = { projectId: project.id, segmentId: segment.id }
  await ada.call('projects.update', there, await ada.call('projects.view', there))
  const owner = connect(world.databaseUrl, { max: 1 })
  const seen = (at: string) =>
    sql`insert into network_seen (kind, subject_id, network, since, last_at, uses)
      select 'project', ${project.id}::uuid, network::cidr, now(), now(), 3
      from unnest(${at.split(' ')}::text[]) network`.execute(owner)
  const told = async () => {
    // What is suggested follows with the night.
    await world.app.ledger.settle()
    await world.app.findings.look({ all: true })
    const { evidence, fix } = await finding('segment-open', segment.id)
    expect(fix.opens).toBe('segment.settings')
    return evidence.filter(({ kind }) => kind === 'network')
  }
  // What came before is counted once: after that it may be taken away.
  await told()
  await sql`delete from network_seen`.execute(owner)
  expect(await told()).toEqual([])
  await seen('203.0.113.0/24')
  expect(await told()).toEqual([
    expect.objectContaining({ what: 'Its runs came from', name: '203.0.113.0/24', says: '3 uses' }),
  ])
  // From where those of another segment come too: they would take place here from then on.
  await using other = await openPipeline(world, ada)
  await other.redeem((await other.lease()).access_token)
  await pipeline.redeem(access_token)
  expect(await told()).toEqual([])
  await sql`delete from network_seen where network <> '203.0.113.0/24'`.execute(owner)
  expect(await told()).toHaveLength(1)
  // More than can be told.
  await seen(Array.from({ length: 20 }, (_, at) => `10.0.${at}.0/24`).join(' '))
  expect(await told()).toEqual([])
  await owner.destroy()
})

test('of a team without a lead: of those who came lately whose title says that they lead, else who is in it longest', async () => {
  const csv = (rows: readonly string[]) => ['email,name,title,team', ...rows].join('\n')
  const people = ['away,Head of it', 'first,Engineer', 'second,Engineer', 'manager,Manager']
  const teamOf = async (named: string) => {
    const { items } = await ada.call('teams.list', { search: named })
    return items[0]?.id ?? ''
  }
  await ada.call('people.import', {
    csv: csv(people.map((one) => `${one.split(',')[0]}@meridian.example,${one},Leaderless`)),
  })
  const likely = async () => {
    await world.app.findings.look({ all: true })
    const { evidence, fix } = await finding('team-without-lead', await teamOf('Leaderless'))
    expect(fix.opens).toBe('team')
    return evidence.filter(({ kind }) => kind === 'person').map(({ name }) => name)
  }
  expect(await likely(), 'nobody of them ever came').toEqual([])
  for (const name of ['second', 'first']) await world.as(name)
  expect(await likely()).toEqual(['First'])
  await world.as('manager')
  expect(await likely()).toEqual(['Manager'])
})

test('of a context that nothing may use: whose runs were refused there, most often first', async () => {
  await using pipeline = await openPipeline(world, ada, { restricted: false })
  const { context, project } = pipeline
  const asked = async () => {
    await world.app.findings.look({ all: true })
    const { evidence, fix } = await finding('context-closed', context.id)
    expect(fix.opens).toBe('context.closed')
    expect(evidence.filter(({ what }) => what === 'Secret')).toHaveLength(2)
    return evidence.filter(({ kind }) => kind === 'project')
  }
  expect(await asked()).toEqual([])
  for (let time = 0; time < 2; time++) expect((await pipeline.exchange()).status).toBe(403)
  expect(await asked()).toEqual([
    expect.objectContaining({ id: project.id, says: 'refused 2 times in 30 days' }),
  ])
})
