import { builtInRoles } from '../../../contract/built-in-roles.ts'
import type { FindingRow } from '../../../contract/findings.ts'
import type { Permission } from '../../../contract/permissions.ts'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { below } from '../../testing/below.ts'
import { openPipeline } from '../../testing/pipeline.ts'
import { refusedRun } from '../../testing/refused-run.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000)

async function heed(world: World, now?: Date) {
  await world.app.ledger.settle()
  await world.app.findings.look(now ? { all: true, now } : {})
}

const findingsOf = async (ada: WorldPerson, detection: string): Promise<FindingRow[]> =>
  (await ada.call('findings.list', { detection, state: 'any' })).items

const roleWith = (ada: WorldPerson, name: string, permissions: Permission[]) =>
  ada.call('roles.create', { name, description: '', permissions })

test('who alone could approve what they ask for is found, until somebody else could, and again when nobody can', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const [ben, sam] = [await world.as('ben'), await world.as('sam')]
  const asked = {
    roleId: builtInRoles.developer.id,
    scope: { kind: 'organization' as const },
    reason: 'for a test',
    durationMinutes: 60,
  }
  await sam.call('requests.create', asked)
  await heed(world)
  expect(await findingsOf(ada, 'self-approval')).toEqual([])
  const { id: requestId } = await ada.call('requests.create', asked)
  await heed(world)
  const [open] = await findingsOf(ada, 'self-approval')
  expect(open).toMatchObject({
    state: 'open',
    severity: 'high',
    subject: { kind: 'person', id: ada.id },
    says: 'Nobody but Ada could approve what they asked for once in 90 days.',
  })
  const detail = await ada.call('findings.view', { findingId: open?.id ?? '' })
  expect(detail).toMatchObject({
    cicdRisk: 'CICD-SEC-1',
    fix: { opens: 'grantAdmin', id: builtInRoles.securityAdmin.id },
    evidence: [{ what: 'Request', kind: 'request', id: requestId }],
  })

  const approver = await roleWith(ada, 'Approves', ['request:view', 'request:approve'])
  const grant = await ada.call('grants.create', {
    roleId: approver.id,
    subject: { kind: 'person', id: ben.id },
    scope: { kind: 'organization' },
    reason: 'stands in',
  })
  await heed(world)
  expect(await findingsOf(ada, 'self-approval')).toMatchObject([
    { id: open?.id, state: 'resolved' },
  ])
  await ada.call('grants.revoke', { grantId: grant.id, reason: 'no more' }, grant)
  await heed(world)
  expect(await findingsOf(ada, 'self-approval')).toMatchObject([{ id: open?.id, state: 'open' }])
})

test('a lead who asks is found where no other lead and nobody else decides', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const inPlatform = { groups: ['platform'] }
  const [lin, max] = [await world.as('lin', inPlatform), await world.as('max', inPlatform)]
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  for (const one of [lin, max]) await world.grant(one, 'teamLead', { kind: 'segment', ...segment })
  const team = (await ada.call('teams.list', {})).items[0]?.id ?? ''
  const lead = async (leads: string[]) => {
    const { version } = await ada.call('teams.view', { teamId: team })
    await ada.call('teams.update', { teamId: team, leads }, { version })
  }
  await lead([lin.id])
  await lin.call('requests.create', {
    roleId: builtInRoles.developer.id,
    scope: { kind: 'organization' },
    reason: 'for a test',
    durationMinutes: 60,
  })
  await heed(world)
  // Ada decides on everything.
  expect(await findingsOf(ada, 'self-approval')).toEqual([])
  const views = await roleWith(ada, 'Views', ['finding:view', 'person:view', 'team:update'])
  await world.grant(ada, views)
  await below(world, (db) =>
    db
      .updateTable('accessGrant')
      .set({ endedAt: new Date() })
      .where('roleId', '=', builtInRoles.securityAdmin.id)
      .execute(),
  )
  await heed(world, new Date())
  expect(await findingsOf(ada, 'self-approval')).toMatchObject([
    { state: 'open', subject: { id: lin.id } },
  ])
  await below(world, (db) =>
    db.updateTable('teamMember').set({ lead: true }).where('personId', '=', max.id).execute(),
  )
  await heed(world, new Date())
  expect(await findingsOf(ada, 'self-approval')).toMatchObject([{ state: 'resolved' }])
})

test('who alone could approve the exception that they ask for is found; with a second who may restrict the context they are not', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const ben = await world.as('ben')
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  const context = await ada.call('contexts.create', { name: 'prod', segmentId: segment.id })
  const project = await ada.call('projects.create', {
    name: 'shop',
    slug: 'gh/meridian/shop',
    provider: 'github',
    repository: 'meridian/shop',
    segmentId: segment.id,
  })
  const decisionId = await refusedRun(world, project, context)
  const made = await ada.call('exceptions.create', { decisionId, minutes: 60, reason: 'late' })
  await heed(world)
  const [open] = await findingsOf(ada, 'self-approval')
  expect(open).toMatchObject({ state: 'open', subject: { id: ada.id } })
  expect(await ada.call('findings.view', { findingId: open?.id ?? '' })).toMatchObject({
    evidence: [{ what: 'Exception', kind: 'exception', id: made.id }],
  })
  await world.grant(ben, 'teamLead', { kind: 'segment', ...segment })
  await heed(world, new Date())
  expect(await findingsOf(ada, 'self-approval')).toMatchObject([{ state: 'resolved' }])
})

test('a role is found with the permissions that nobody used for 90 days, and says so only once the record is as old', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const ben = await world.as('ben')
  const role = await roleWith(ada, 'Shapes', ['role:view', 'role:create', 'segment:create'])
  await world.grant(ben, role)
  await heed(world, inDays(80))
  expect(await findingsOf(ada, 'role-permissions-unused')).toEqual([])
  const { items } = await ada.call('findings.detections', {})
  const silent = items.filter(({ silentUntil }) => silentUntil !== null)
  expect(silent.map(({ id }) => id)).toEqual(['role-permissions-unused'])

  await heed(world, inDays(91))
  const [open] = await findingsOf(ada, 'role-permissions-unused')
  expect(open).toMatchObject({ state: 'open', subject: { kind: 'role', id: role.id } })
  const { evidence, fix } = await ada.call('findings.view', { findingId: open?.id ?? '' })
  // Reading is not recorded, so that nothing is said of `role:view`.
  expect(evidence.map(({ name }) => name)).toEqual(['role:create', 'segment:create'])
  expect(fix).toMatchObject({ opens: 'role.edit', id: role.id })

  const permit = async (permissions: Permission[]) => {
    const { name, description, version } = await ada.call('roles.view', { roleId: role.id })
    const change = { roleId: role.id, name, description, permissions, reason: 'for a test' }
    await ada.call('roles.update', change, { version })
  }
  await permit(['role:view'])
  await heed(world, inDays(92))
  expect(await findingsOf(ada, 'role-permissions-unused')).toMatchObject([{ state: 'resolved' }])
  await permit(['role:view', 'role:create'])
  // What was added lately had no time to be used.
  await heed(world, inDays(80))
  expect(await findingsOf(ada, 'role-permissions-unused')).toMatchObject([{ state: 'resolved' }])
  await heed(world, inDays(93))
  expect(await findingsOf(ada, 'role-permissions-unused')).toMatchObject([
    { id: open?.id, state: 'open' },
  ])
})

test('somebody seen from a new network is found for seven days; a first use anywhere is not one, nor is another address of the same', async () => {
  await using world = await openWorld({ env: { TRUST_PROXY: '1' } })
  const ada = await world.as('ada')
  await world.as('sam')
  let count = 0
  const from = async (address: string) => {
    const body = { name: `Role ${++count}`, description: '', permissions: ['role:view'] }
    const headers = { 'x-forwarded-for': address }
    const sent = await ada.send('/api/v1/roles', { method: 'POST', body, headers })
    expect(sent.status).toBe(201)
  }
  await from('::ffff:127.0.0.9')
  await from('::1')
  await heed(world, new Date())
  expect(await findingsOf(ada, 'person-new-network')).toEqual([])
  await from('203.0.113.7')
  await from('203.0.113.200')
  await heed(world, new Date())
  const [open, ...others] = await findingsOf(ada, 'person-new-network')
  expect(others).toEqual([])
  expect(open).toMatchObject({
    state: 'open',
    subject: { kind: 'person', id: ada.id },
    says: 'Ada was served from 203.0.113.0/24, where they were not seen in 90 days.',
  })
  const { evidence, fix } = await ada.call('findings.view', { findingId: open?.id ?? '' })
  expect(evidence).toMatchObject([
    { name: '203.0.113.0/24', says: '2 uses; before from 127.0.0.0/24' },
  ])
  expect(fix).toMatchObject({ opens: 'person.sessions', id: ada.id })

  await heed(world, inDays(8))
  expect(await findingsOf(ada, 'person-new-network')).toMatchObject([{ state: 'resolved' }])
  await from('2001:db8:1:2::3')
  await heed(world, new Date())
  const [back] = await findingsOf(ada, 'person-new-network')
  expect(back).toMatchObject({ id: open?.id, state: 'open' })
  expect(back?.says).toContain('2 networks')
})

test('what a proxy hands on that is no address is no network, and stops nothing', async () => {
  await using world = await openWorld({ env: { TRUST_PROXY: '1' } })
  const ada = await world.as('ada')
  const body = { name: 'Role', description: '', permissions: ['role:view'] }
  for (const address of ['unknown', '999.1.1.1', '_hidden', 'fe80::1%eth0']) {
    const headers = { 'x-forwarded-for': address }
    await ada.send('/api/v1/roles', { method: 'POST', body, headers })
  }
  await heed(world, new Date())
  const { items } = await ada.call('findings.detections', {})
  expect(items.filter(({ fault }) => fault !== null)).toEqual([])
  expect(await findingsOf(ada, 'person-new-network')).toEqual([])
})

test('a project is known by the networks of its runs', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await using pipeline = await openPipeline(world, ada)
  await pipeline.lease()
  await heed(world)
  const rows = await world.app.db
    .selectFrom('networkSeen')
    .select(['subjectId', 'network'])
    .where('kind', '=', 'project')
    .execute()
  expect(rows).toEqual([{ subjectId: pipeline.project.id, network: '127.0.0.0/24' }])
})

test('a project whose runs come from a new network is found, ends after seven days, and is found again when it is as new again', async () => {
  await using world = await openWorld({ env: { TRUST_PROXY: '1' } })
  const ada = await world.as('ada')
  await using pipeline = await openPipeline(world, ada)
  const from = async (address: string) => {
    const { status } = await pipeline.exchange({}, { 'x-forwarded-for': address })
    expect(status).toBe(200)
    await heed(world, new Date())
  }
  const found = () => findingsOf(ada, 'project-new-network')
  await from('198.51.100.7')
  await from('198.51.100.70')
  expect(await found()).toEqual([])
  await from('203.0.113.7')
  const [open, ...others] = await found()
  expect(others).toEqual([])
  expect(open).toMatchObject({
    state: 'open',
    severity: 'high',
    subject: { kind: 'project', id: pipeline.project.id },
  })
  expect(open?.says).toContain('served from 203.0.113.0/24, where none came from in 90 days')
  await heed(world, inDays(8))
  expect(await found()).toMatchObject([{ id: open?.id, state: 'resolved' }])
  // Back from there within ninety days, it is known.
  await from('203.0.113.8')
  await heed(world, inDays(8))
  expect(await found()).toMatchObject([{ id: open?.id, state: 'resolved' }])

  await below(world, (db) =>
    sql`update network_seen set since = since - interval '100 days', last_at = last_at - interval '100 days'
      where kind = 'project' and network = '203.0.113.0/24'`.execute(db),
  )
  await from('203.0.113.9')
  expect(await found()).toMatchObject([{ id: open?.id, state: 'open' }])
  const { history } = await ada.call('findings.view', { findingId: open?.id ?? '' })
  expect(history.map(({ turn }) => turn)).toContain('reopened')
})
