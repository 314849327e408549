import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Problem } from '../../../contract/problem.ts'
import { openIssuer } from '../../testing/issuer.ts'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
let pipeline: Pipeline

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  pipeline = await openPipeline(world, ada)
})
afterAll(async () => {
  await pipeline.close()
  await world.close()
})

const config = `version: 2.1
jobs:
  deploy: {docker: [{image: cimg/base:2026.10.1}], steps: [checkout]}
workflows: {main: {jobs: [deploy: {context: production}]}}
`
const vcs = (name: string) => `oidc.circleci.com/vcs-${name}`

const check = (token: string, query = '', headers: Record<string, string> = {}) =>
  world.ask(`/api/v1/pipelines/check${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/yaml', ...headers },
    body: config,
  })
const problemOf = ({ body }: { body: unknown }) => body as Problem
const checks = async () => (await ada.call('pipelines.list', {})).items.length

test('a run has its own config checked by its token alone, as often as it likes, and still trades it', async () => {
  const token = await pipeline.token()
  const { status, body } = await check(token)
  expect(status).toBe(200)
  const { id } = body as { id: string }
  expect(await ada.call('pipelines.view', { checkId: id })).toMatchObject({
    project: { id: pipeline.project.id },
    branch: 'main',
    checkedBy: { kind: 'workload', name: `${pipeline.project.name} pipeline` },
  })
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    [name: string]: string
  }
  expect(await world.lastEvent()).toMatchObject({
    action: 'pipelines.check',
    outcome: 'permitted',
    actor: { kind: 'workload', issuer: pipeline.ci.url },
    resource: { kind: 'project', id: pipeline.project.id },
    detail: {
      check: id,
      rule: 'checkout',
      run: claims['oidc.circleci.com/workflow-id'],
      job: claims['oidc.circleci.com/job-id'],
    },
  })
  const decided = await ada.call('decisions.view', { decisionId: id })
  expect(decided.layers.map(({ layer, verdict }) => `${layer} ${verdict}`)).toEqual([
    'identity permitted',
  ])
  expect(decided.layers[0]?.because).toMatchObject([{ kind: 'trustRule', name: 'checkout' }])
  for (const named of [pipeline.project.id, encodeURIComponent(pipeline.project.slug)]) {
    expect((await check(token, `?project=${named}`)).status).toBe(200)
  }
  expect((await pipeline.exchange({ subject_token: token })).status).toBe(200)
})

test('what the token says of the run counts, whatever the job says', async () => {
  const token = await pipeline.token({ [vcs('ref')]: 'refs/heads/feature/x' })
  const { body } = await check(token, '?branch=main&tag=v1&fromFork=true&sshRerun=true')
  const { id } = body as { id: string }
  const decided = await ada.call('decisions.view', { decisionId: id })
  expect(decided.facts).toMatchObject({ branch: 'feature/x', fromFork: false, sshRerun: false })
  expect(decided.facts['tag']).toBeNull()
})

test('of another project it has nothing checked, whether there is one or not', async () => {
  const token = await pipeline.token()
  const segment = await ada.call('segments.create', { name: 'Elsewhere', tier: 'build' })
  const other = await ada.call('projects.create', {
    name: 'other',
    slug: 'gh/meridian/other',
    provider: 'circleci',
    repository: 'meridian/other',
    segmentId: segment.id,
  })
  const before = await checks()
  const there = await check(token, `?project=${other.id}`)
  const nowhere = await check(token, '?project=gh/meridian/nowhere')
  expect(there).toMatchObject({ status: 404, body: { code: 'not_found' } })
  expect({ ...problemOf(there), requestId: '' }).toEqual({ ...problemOf(nowhere), requestId: '' })
  expect(await world.lastEvent()).toMatchObject({
    action: 'pipelines.check',
    outcome: 'failed',
    actor: { kind: 'workload', name: `${pipeline.project.name} pipeline` },
  })
  expect(await checks()).toBe(before)
})

test('a run that its rule refuses is told the clause, both values, the smallest change and its decision', async () => {
  const before = await checks()
  const refused = await check(await pipeline.token({ [vcs('origin')]: 'github.com/fork/checkout' }))
  expect(refused).toMatchObject({
    status: 403,
    body: { code: 'use_denied', error: 'access_denied' },
  })
  const { failed, decision, title } = problemOf(refused)
  expect(failed).toMatchObject([
    {
      layer: 'identity',
      expected: 'a run that is certainly not of a fork',
      actual: expect.stringContaining('github.com/fork/checkout') as string,
      change: expect.stringContaining('let “checkout” admit forks') as string,
    },
  ])
  const decided = await ada.call('decisions.view', {
    decisionId: decision?.split('/').at(-1) ?? '',
  })
  expect(decided).toMatchObject({ action: 'pipeline:check', outcome: 'denied', sentence: title })
  expect(await world.lastEvent()).toMatchObject({ action: 'pipelines.check', outcome: 'denied' })
  const inLog = await check(
    await pipeline.token({ [vcs('origin')]: 'github.com/fork/checkout' }),
    '',
    { accept: 'text/plain' },
  )
  expect(String(inLog.body)).toMatch(/^Denied: [\s\S]*to permit[\s\S]*\/decisions\//)
  expect(await checks()).toBe(before)
})

test('a token that is nobody’s, forged, for others or of an unknown issuer checks nothing', async () => {
  await using stranger = await openIssuer({ clientId: 'https://sallyport.example' })
  const before = await checks()
  const unbound = await pipeline.ci.idToken({
    sub: 'org/x/project/y/user/z',
    authTime: null,
    audience: 'https://sallyport.example',
    claims: { 'oidc.circleci.com/project-id': 'c0ffee00-0000-4000-8000-000000000000' },
  })
  expect(await check(unbound)).toMatchObject({ status: 403, body: { code: 'use_denied' } })
  const untrusted = await stranger.idToken({ sub: 'x', authTime: null })
  const wrong = await pipeline.ci.idToken({ sub: 'x', authTime: null, audience: 'https://else' })
  const [head, payload] = (await pipeline.token()).split('.')
  for (const token of [untrusted, wrong, `${head}.${payload}.AAAA`]) {
    expect(await check(token)).toMatchObject({
      status: 400,
      body: { code: 'invalid_subject_token' },
    })
  }
  // What is no JWT is not taken for a run's.
  for (const token of ['hello', `sp_api_${'x'.repeat(43)}`]) {
    expect(await check(token)).toMatchObject({ status: 401, body: { code: 'invalid_token' } })
  }
  expect(await checks()).toBe(before)
})

test('the token opens nothing else: neither the preview nor any other operation', async () => {
  const token = await pipeline.token()
  const headers = { authorization: `Bearer ${token}` }
  const tries = [
    ['POST', `/api/v1/pipelines/preview?project=${pipeline.project.id}`, { text: config }],
    ['GET', '/api/v1/pipelines/checks', undefined],
    ['GET', `/api/v1/projects/${pipeline.project.id}`, undefined],
    ['POST', '/api/v1/policies', { name: 'x', text: '' }],
  ] as const
  for (const [method, path, body] of tries) {
    expect(await world.ask(path, { method, headers, body })).toMatchObject({ status: 401 })
  }
})

test('people and API tokens name the project', async () => {
  const unnamed = await ada.send('/api/v1/pipelines/check', {
    method: 'POST',
    body: { text: config },
  })
  expect(unnamed).toMatchObject({
    status: 400,
    body: { code: 'invalid_input', fields: [{ path: 'project' }] },
  })
})
