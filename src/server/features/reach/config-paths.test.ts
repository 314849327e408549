import { afterAll, beforeAll, expect, test } from 'vitest'
import { enforced } from '../../testing/enforced.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

/* What a config says of forks makes ways to production, and what no config says is not known: it is never none. */

let world: World
let ada: WorldPerson
let project: { id: string; name: string }
let production: { id: string; name: string }
let build: { id: string; name: string }

const allow = async (verb: 'allow' | 'stop') => {
  const { version } = await ada.call('segments.flows', {})
  const flow = { from: build.id, to: production.id }
  await ada.call('segments.changeFlows', { [verb]: [flow], reason: 'for a test' }, { version })
}
const projectIn = (name: string, provider: 'github' | 'circleci' = 'github') =>
  ada.call('projects.create', {
    name,
    slug: `meridian/${name}`,
    provider,
    repository: `meridian/${name}`,
    segmentId: build.id,
  })
const contextFor = async (name: string, targetId: string) => {
  const { id: contextId } = await ada.call('contexts.create', { name, segmentId: production.id })
  await ada.call('contexts.store', { contextId, name: 'KEY', value: `value of ${name}` })
  const restriction = { kind: 'project', targetId } as const
  await ada.call('contexts.restrict', { contextId, restriction })
  return contextId
}

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  build = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  production = await ada.call('segments.create', { name: 'Production', tier: 'production' })
  project = await projectIn('shop')
  await contextFor('shop-keys', project.id)
  await contextFor('release', project.id)
  const issuer = await ada.call('issuers.create', {
    name: 'GitHub Actions',
    kind: 'github',
    url: 'https://token.actions.githubusercontent.example',
    audience: 'sallyport',
  })
  await ada.call('trustRules.create', {
    name: 'shop',
    issuerId: issuer.id,
    projectId: project.id,
    conditions: [{ claim: 'repository_id', op: 'eq', values: ['4242'] }],
    reason: 'for a test',
  })
  await allow('allow')
})
afterAll(() => world.close())

const found = () => ada.call('reach.forkPaths', {})
const check = (text: string, path = '.github/workflows/preview.yml', of = project.id) =>
  ada.call('pipelines.check', { project: of, path, text })
const findings = async () => {
  await world.app.ledger.settle()
  await world.app.findings.look()
  const { items } = await ada.call('findings.list', { detection: 'context-from-fork' })
  return items
    .filter(({ state }) => state === 'open')
    .map(({ subject }) => subject.name)
    .toSorted()
}
const workflow = (trigger: string, job: string) => `name: Preview
on:
  ${trigger}:
jobs:
  lint:
    runs-on: ubuntu-latest
    permissions: {contents: read}
    steps: [{run: make lint}]
  preview:
    runs-on: ubuntu-latest
    ${job}
    steps: [{run: make preview}]
`
const withToken = 'permissions: {id-token: write}'

test('without any check it is not known whether a fork gets there', async () => {
  expect(await found()).toMatchObject({
    paths: [],
    edges: [],
    notKnown: [{ project: { id: project.id }, config: null }],
  })
})

test('a workflow that runs for forks with a token reaches all that its project does, from its file and line', async () => {
  await check(workflow('pull_request_target', withToken))
  const { paths, edges, notKnown } = await found()
  expect(paths.map(({ context }) => context.name).toSorted()).toEqual(['release', 'shop-keys'])
  expect(paths[0]).toMatchObject({
    rule: null,
    project: { id: project.id },
    flow: true,
    heldBy: null,
    config: {
      file: '.github/workflows/preview.yml',
      line: 9,
      workflow: 'Preview',
      job: 'preview',
      jobs: 1,
      trigger: 'pull_request_target',
    },
  })
  expect(notKnown).toEqual([])
  // Its trigger breaks both; so does the flow, and each context but one.
  expect(edges[0]).toMatchObject({
    kind: 'config',
    name: 'pull_request_target of .github/workflows/preview.yml:9',
    breaks: 2,
    of: 2,
  })
  expect(edges.map(({ kind, breaks }) => [kind, breaks])).toEqual([
    ['config', 2],
    ['flow', 2],
    ['restriction', 1],
    ['restriction', 1],
  ])
  expect(await findings()).toEqual(['release', 'shop-keys'])
})

test('its twins do not: started by what gives forks no secrets, or a job that asks for nothing', async () => {
  await check(workflow('pull_request', withToken))
  expect(await found()).toMatchObject({ paths: [], notKnown: [] })
  expect(await findings()).toEqual([])
  await check(workflow('pull_request_target', 'permissions: {contents: read}'))
  expect(await found()).toMatchObject({ paths: [], notKnown: [] })
  // Of the environment’s name alone it gets that context, and no other.
  await check(workflow('workflow_run', 'permissions: {contents: read}\n    environment: release'))
  const { paths } = await found()
  expect(paths.map(({ context, config }) => [context.name, config?.trigger])).toEqual([
    ['release', 'workflow_run'],
  ])
})

test('the newest check of each file counts; what another file says stays', async () => {
  await check(workflow('pull_request_target', withToken), '.github/workflows/other.yml')
  await check(workflow('push', withToken))
  const files = (await found()).paths.map(({ config }) => config?.file)
  expect(files).toEqual(['.github/workflows/other.yml', '.github/workflows/other.yml'])
  await check(workflow('push', withToken), '.github/workflows/other.yml')
  expect((await found()).paths).toEqual([])
})

test('what the file leaves open is not known, with the file and line', async () => {
  await check(workflow('workflow_call', withToken))
  const { paths, notKnown } = await found()
  expect(paths).toEqual([])
  expect(notKnown).toMatchObject([
    { project: { id: project.id }, config: { line: 9, job: 'preview', jobs: 1 } },
  ])
  expect(await findings()).toEqual([])
})

test('where no flow leads on there is no way, and nothing that had to be known', async () => {
  await check(workflow('pull_request_target', withToken))
  expect((await found()).paths).toHaveLength(2)
  await allow('stop')
  expect(await found()).toMatchObject({ paths: [], notKnown: [] })
  await allow('allow')
})

test('an enforced policy against the trigger holds it back, and is named', async () => {
  const ben = await world.as('ben')
  await world.grant(ben, 'securityAdmin')
  await enforced([ada, ben], {
    name: 'No such trigger',
    text: '@reason("runs what a stranger wrote")\nforbid (principal, action == Sallyport::Action::"context:use", resource) when { context has trigger && context.trigger == "pull_request_target" };\n',
  })
  const { paths } = await found()
  expect(paths.map(({ heldBy }) => heldBy?.name)).toEqual(['No such trigger', 'No such trigger'])
})

test('who may not see configs is not told what they say, nor that there is nothing', async () => {
  const joe = await world.as('joe')
  const role = await ada.call('roles.create', {
    name: 'Looks at segments',
    permissions: ['segment:view', 'trustRule:view', 'context:view', 'project:view'],
  })
  await ada.call('grants.create', {
    roleId: role.id,
    subject: { kind: 'person', id: joe.id },
    scope: { kind: 'organization' },
    reason: 'for a test',
  })
  expect(await joe.call('reach.forkPaths', {})).toMatchObject({
    paths: [],
    notKnown: [],
    configsSeen: false,
  })
})
