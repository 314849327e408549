import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

/* What a detection finds beyond its story, and what it leaves alone. */

let world: World
let ada: WorldPerson
beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
})
afterAll(() => world.close())

let count = 0
const unique = (what: string) => `${what}-${++count}`

async function found(detection: string, subject: string) {
  await world.app.ledger.settle()
  await world.app.findings.look()
  const { items } = await ada.call('findings.list', { detection, limit: 200 })
  return items.find((item) => item.subject.id === subject)
}

const segment = (tier: 'production' | 'build') =>
  ada.call('segments.create', { name: unique('segment'), tier })
const project = async (segmentId: string, provider: 'github' | 'circleci' | 'gitlab') => {
  const repository = `meridian/${unique('project')}`
  const place = { name: unique('project'), slug: `x/${repository}`, repository, provider }
  return ada.call('projects.create', { ...place, segmentId })
}
const context = async (segmentId?: string) => {
  const made = { name: unique('context'), ...(segmentId && { segmentId }) }
  const { id } = await ada.call('contexts.create', made)
  await ada.call('contexts.store', { contextId: id, name: 'KEY', value: unique('value') })
  return id
}

const step = (uses: string) =>
  `on: push\njobs: {a: {runs-on: ubuntu-24.04, steps: [{uses: "${uses}"}]}}\n`
const inside = (image: string) =>
  `on: push\njobs: {a: {runs-on: ubuntu-24.04, container: "${image}", steps: [{run: make}]}}\n`
const orb = (version: string) =>
  `version: 2.1\norbs: {node: circleci/node@${version}}\njobs: {b: {docker: [{image: "cimg/base:2026.01.1"}], steps: [checkout]}}\nworkflows: {w: {jobs: [b]}}\n`
const commit = 'a1'.repeat(20)

test.each([
  [
    'an action by a major tag, GitHub’s own',
    'github',
    step('actions/checkout@v4'),
    'by a major version',
  ],
  ['an action by a major tag', 'github', step('evil/action@v1'), 'by a major version'],
  ['an action by a minor tag', 'github', step('evil/action@v1.2'), 'by a minor version'],
  ['an action by a full tag', 'github', step('evil/action@v1.2.3'), 'by a tag, which can be moved'],
  ['an action by a branch', 'github', step('evil/action@main'), 'by a branch'],
  ['an action by its commit', 'github', step(`evil/action@${commit}`), undefined],
  ['an action of the repository itself', 'github', step('./build'), undefined],
  ['an image by a major tag', 'github', inside('node:20'), 'by a major version'],
  ['an image by no tag', 'github', inside('node'), 'by a moving tag, or none'],
  ['an image by a full version', 'github', inside('node:22.11.0-bookworm'), undefined],
  ['an image by its digest', 'github', inside(`node@sha256:${'ab'.repeat(32)}`), undefined],
  ['an orb by a major version', 'circleci', orb('5'), 'by a major version'],
  ['an orb by its full version', 'circleci', orb('5.2.0'), undefined],
] as const)('what a config runs: %s', async (_, provider, text, named) => {
  const { id } = await project((await segment('build')).id, provider)
  const check = `/api/v1/pipelines/check?project=${id}`
  const { status } = await ada.send(check, { method: 'POST', body: { text } })
  expect(status).toBeLessThan(300)
  const finding = await found('config-unpinned', id)
  const of = finding && (await ada.call('findings.view', { findingId: finding.id }))
  const words = of?.evidence.map(({ says = '' }) => says.slice(says.indexOf(', ') + 2))
  expect(words).toEqual(named && [named])
})

test('an expression counts where it names branches or tags, and not where it only speaks of them', async () => {
  const { id: segmentId } = await segment('production')
  const id = await context(segmentId)
  const { id: targetId } = await project(segmentId, 'github')
  const restrict = (expression: string) =>
    ada.call('contexts.restrict', {
      contextId: id,
      restriction: { kind: 'expression', expression },
    })
  await ada.call('contexts.restrict', { contextId: id, restriction: { kind: 'project', targetId } })
  expect((await found('context-any-branch', id))?.says).toMatch(/no restriction by branch or tag/)
  for (const wide of ['pipeline.git.branch != "nope"', 'not job.ssh.enabled']) {
    await restrict(wide)
    expect((await found('context-any-branch', id))?.says).toMatch(/that nobody named\.$/)
  }
  await restrict('pipeline.git.branch == "main" or pipeline.git.tag starts-with "v"')
  expect(await found('context-any-branch', id)).toBeUndefined()
})

test('in a small organization a context that all projects reach is too wide, of three or more', async () => {
  await using small = await openWorld()
  const admin = await small.as('ada')
  const { id: segmentId } = await admin.call('segments.create', { name: 'Build', tier: 'build' })
  const add = (name: string) =>
    admin.call('projects.create', {
      name,
      slug: `gh/m/${name}`,
      repository: `m/${name}`,
      provider: 'github',
      segmentId,
    })
  const wide = async () => {
    await small.app.findings.look({ all: true })
    return (await admin.call('findings.list', { detection: 'context-too-wide' })).items
  }
  const { id: contextId } = await admin.call('contexts.create', { name: 'shared' })
  await admin.call('contexts.store', { contextId, name: 'KEY', value: 'x' })
  const restriction = { kind: 'segment', targetId: segmentId } as const
  await admin.call('contexts.restrict', { contextId, restriction })
  await add('one')
  await add('two')
  expect(await wide()).toEqual([])
  await add('three')
  expect(await wide()).toMatchObject([{ says: '3 of 3 projects may use shared.' }])
  const other = await admin.call('segments.create', { name: 'Other', tier: 'build' })
  const elsewhere = { slug: 'gh/m/four', repository: 'm/four', provider: 'github' as const }
  await admin.call('projects.create', { name: 'four', ...elsewhere, segmentId: other.id })
  expect(await wide()).toEqual([])
})

const grant = async (role: 'developer' | 'auditor' | 'teamLead', segmentId: string) => {
  const { id } = await ada.call('grants.create', {
    roleId: builtInRoles[role].id,
    subject: { kind: 'person', id: (await world.as(unique('person'))).id },
    scope: { kind: 'segment', id: segmentId },
    reason: 'for ever',
  })
  return id
}

test('a grant without an end is found by itself where it is of production and permits more than to see', async () => {
  const [production, build] = [await segment('production'), await segment('build')]
  const is = 'production-grant-without-end'
  expect(await found(is, await grant('developer', production.id))).toMatchObject({
    severity: 'low',
    says: expect.stringMatching(/without an end, which is production\.$/),
  })
  expect(await found(is, await grant('developer', build.id))).toBeUndefined()
  expect(await found(is, await grant('auditor', production.id))).toBeUndefined()
  const privileged = await grant('teamLead', production.id)
  expect(await found(is, privileged)).toBeUndefined()
  expect(await found('grant-without-end', privileged)).toMatchObject({ severity: 'medium' })
})

test('whoever has left and is in a team that holds grants: the teams that can be changed here come first', async () => {
  const lee = await world.as('lee', { groups: ['platform', 'payments'] })
  const name = unique('Payments')
  const csv = `email,name,team\nlee@meridian.example,Lee,${name}\n`
  await ada.call('people.import', { csv })
  const teamOf = async (search: string) =>
    (await ada.call('teams.list', { search })).items[0]?.id ?? ''
  const [byHand, byProvider] = [await teamOf(name), await teamOf('platform')]
  for (const id of [byProvider, byHand]) {
    await ada.call('grants.create', {
      roleId: builtInRoles.developer.id,
      subject: { kind: 'team', id },
      scope: { kind: 'organization' },
      reason: 'what its members do',
    })
  }
  expect(await found('leaver-team', lee.id)).toBeUndefined()
  const { version } = await ada.call('people.view', { personId: lee.id })
  await ada.call('people.update', { personId: lee.id, state: 'left' }, { version })
  const finding = await found('leaver-team', lee.id)
  expect(finding).toMatchObject({
    severity: 'critical',
    says: 'Lee has left and is still in 2 teams, by which 2 grants name them.',
  })
  const { evidence, fix } = await ada.call('findings.view', { findingId: finding?.id ?? '' })
  expect(fix).toMatchObject({ opens: 'team.out', id: lee.id })
  expect(evidence).toMatchObject([
    { kind: 'team', id: byHand, says: 'holds Developer in the organization' },
    { kind: 'team', id: byProvider, says: expect.stringMatching(/by the identity provider$/) },
  ])
  const team = await ada.call('teams.view', { teamId: byHand })
  await ada.call('teams.update', { teamId: byHand, remove: [lee.id] }, team)
  expect(await found('leaver-team', lee.id)).toMatchObject({
    says: expect.stringContaining('still in team'),
  })
})
