import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AgentDecision } from '../../../contract/pipelines.ts'
import { newId } from '../../db/new-id.ts'
import { enforced } from '../../testing/enforced.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
let ben: WorldPerson
let sam: WorldPerson
let noor: WorldPerson
let project: { id: string; slug: string }
let other: { id: string; slug: string }
let token: string

const rule = (id: string, on: string, clauses: string, more = '') =>
  `@id("${id}")\n${more}@reason("{name}: ${id}")\nforbid (principal, action == Sallyport::Action::"config:${on}", resource)\n${clauses};\n`
const config = (context: string, filters = '') => `version: 2.1
jobs:
  deploy: {docker: [{image: cimg/base:2026.10.1}], steps: [checkout]}
workflows:
  main:
    jobs:
      - deploy: {context: ${context}${filters}}
`
const mine = 'gh/meridian/shop'

async function enforce(text: string, mode: 'evaluate' | 'enforce' = 'enforce') {
  if (mode === 'enforce') return (await enforced([ada, ben], { text })).id
  const made = await ada.call('policies.create', { name: `Rule ${newId()}`, text })
  await ada.call('policies.setMode', { policyId: made.id, mode }, { version: 1 })
  return made.id
}
async function end(policyId: string) {
  const { version, mode } = await ada.call('policies.view', { policyId })
  if (mode === 'enforce')
    await ada.call(
      'policies.endEnforcement',
      { policyId, mode: 'draft', reason: 'tried' },
      { version },
    )
  else await ada.call('policies.setMode', { policyId, mode: 'draft' }, { version })
}

/** As a job does it: `curl --data-binary @file`, with a token. */
const curl = (
  text: string | Buffer,
  query = `project=${mine}`,
  type = 'application/x-www-form-urlencoded',
) =>
  world.ask(`/api/v1/pipelines/check?${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    body: text,
  })

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  ben = await world.as('ben')
  sam = await world.as('sam')
  noor = await world.as('noor')
  await world.grant(ben, 'securityAdmin')
  await world.grant(noor, 'auditor')
  const [here, there] = await Promise.all(
    ['shop', 'vault'].map(async (name) => {
      const segment = await ada.call('segments.create', { name, tier: 'build' })
      const made = await ada.call('projects.create', {
        name,
        slug: `gh/meridian/${name}`,
        provider: 'circleci',
        repository: `meridian/${name}`,
        segmentId: segment.id,
      })
      await (name === 'shop'
        ? world.grant(sam, 'developer', { kind: 'segment', id: segment.id, name })
        : undefined)
      return made
    }),
  )
  if (!here || !there) throw new Error('no projects')
  project = here
  other = there
  const made = await sam.call('apiTokens.create', {
    name: 'ci',
    roleId: '00000000-0000-7000-8000-000000000004',
    expiresInDays: 1,
    allowSensitive: false,
  })
  token = made.token
})
afterAll(() => world.close())

test('no rules: PASS, and nothing but the status in CircleCI’s words', async () => {
  const { decision, blocks } = await sam.call('pipelines.check', {
    project: mine,
    text: config('build'),
  })
  expect(decision).toEqual({ status: 'PASS' })
  expect(blocks).toBe(false)
})

describe('by curl from a job', () => {
  test.each([
    'application/x-www-form-urlencoded',
    'text/yaml',
    'application/yaml; charset=utf-8',
    'text/plain',
  ])('a file as %s', async (type) => {
    const { status, body } = await curl(
      config('build'),
      `project=${project.id}&branch=main&provider=circleci`,
      type,
    )
    expect(status).toBe(200)
    expect(body).toMatchObject({
      decision: { status: 'PASS' },
      url: expect.stringMatching(/\/checks\/[0-9a-f-]{36}$/),
    })
  })
  test('the token is needed, and is narrowed to where its maker may check', async () => {
    const text = config('build')
    const stranger = await world.ask(`/api/v1/pipelines/check?project=${mine}`, {
      method: 'POST',
      headers: { 'content-type': 'text/yaml' },
      body: text,
    })
    expect(stranger.status).toBe(401)
    const elsewhere = await curl(text, `project=${other.slug}`)
    const nowhere = await curl(text, 'project=gh/meridian/nowhere')
    expect(elsewhere).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect({ ...(elsewhere.body as object), requestId: '' }).toEqual({
      ...(nowhere.body as object),
      requestId: '',
    })
    const auditor = await noor.send(`/api/v1/pipelines/check?project=${mine}`, {
      method: 'POST',
      body: { text },
    })
    expect(auditor).toMatchObject({ status: 403, body: { permission: 'pipeline:check' } })
  })
  test('only what takes a text takes one', async () => {
    const sent = await world.ask('/api/v1/policies/validate', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'text/yaml' },
      body: 'x',
    })
    expect(sent).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
    expect(await curl(Buffer.from([0xff, 0xfe]))).toMatchObject({ status: 400 })
    expect(await curl('')).toMatchObject({ status: 400, body: { fields: [{ path: 'text' }] } })
  })
})

describe('rules', () => {
  test('enforced: HARD_FAIL by line; evaluated: would fail; soft: SOFT_FAIL; and in CircleCI’s own shape', async () => {
    const production = 'when { context.contexts.contains("production") }'
    const hard = await enforce(rule('no_production', 'job', production))
    const soft = await enforce(
      rule('pinned', 'image', 'unless { context.pin == "digest" }', '@level("soft")\n').replace(
        '{name}',
        '{raw}',
      ),
    )
    const would = await enforce(
      rule('approved', 'job', 'when { context.approvals.isEmpty() }'),
      'evaluate',
    )
    const made = await sam.call('pipelines.check', {
      project: mine,
      text: config('production'),
      branch: 'main',
    })
    const expected: AgentDecision = {
      status: 'HARD_FAIL',
      enabled_rules: ['no_production', 'pinned'],
      hard_failures: [{ rule: 'no_production', reason: 'deploy: no_production' }],
      soft_failures: [{ rule: 'pinned', reason: 'cimg/base:2026.10.1: pinned' }],
    }
    expect(made).toMatchObject({ blocks: true, wouldFail: true })
    expect(made.decision).toEqual(expected)
    expect(made.violations).toMatchObject([
      { rule: 'pinned', line: 3, level: 'soft', mode: 'enforce', policy: { id: soft } },
      { rule: 'approved', line: 7, mode: 'evaluate', policy: { id: would } },
      {
        rule: 'no_production',
        line: 7,
        level: 'hard',
        subject: 'job main / deploy',
        policy: { id: hard, version: 1 },
      },
    ])
    // One event and one decision, under the check's id, with every layer.
    expect(await world.lastEvent()).toMatchObject({
      action: 'pipelines.check',
      outcome: 'denied',
      resource: { kind: 'project', id: project.id },
      detail: { check: made.id, status: 'HARD_FAIL', branch: 'main' },
    })
    const decided = await ada.call('decisions.view', { decisionId: made.id })
    expect(decided).toMatchObject({
      action: 'pipeline:check',
      outcome: 'denied',
      project: { id: project.id },
      facts: { status: 'HARD_FAIL', jobs: 1, images: 1, branch: 'main', sshRerun: 'not told' },
      sentence: expect.stringContaining('line 7: deploy: no_production (and 1 more)'),
    })
    expect(decided.layers.map(({ layer, verdict }) => `${layer} ${verdict}`)).toEqual([
      'identity permitted',
      'grant permitted',
      'policy denied',
      'policy would_deny',
    ])
    const { items } = await ada.call('decisions.list', { policy: hard })
    expect(items.map(({ id }) => id)).toEqual([made.id])
    await end(hard)
    const softly = await sam.call('pipelines.check', { project: mine, text: config('production') })
    expect(softly).toMatchObject({
      decision: { status: 'SOFT_FAIL' },
      blocks: false,
      wouldFail: true,
    })
    expect(await world.lastEvent()).toMatchObject({ outcome: 'would_deny' })
    await end(soft)
    await end(would)
    expect(
      await sam.call('pipelines.check', { project: mine, text: config('production') }),
    ).toMatchObject({
      decision: { status: 'PASS' },
      wouldFail: false,
    })
  })

  test('a policy that errs is ERROR, and blocks', async () => {
    const policyId = await enforce(
      rule(
        'overflow',
        'job',
        'when { context.minuteOfDay * 9223372036854775807 * 2 == 0 && context.contexts.isEmpty() }',
      ),
    )
    const made = await sam.call('pipelines.check', { project: mine, text: config('build') })
    expect(made).toMatchObject({
      decision: { status: 'ERROR', reason: expect.stringContaining('could not be evaluated') },
      blocks: true,
    })
    expect(Object.keys(made.decision).sort()).toEqual(['reason', 'status'])
    await end(policyId)
  })

  test('what is not known breaks the rule that turns on it, and no other', async () => {
    const policyId = await enforce(
      rule('no_production', 'job', 'when { context.contexts.contains("production") }') +
        rule(
          'elsewhere',
          'job',
          'when { context.name == "other" && context.contexts.contains("production") }',
        ) +
        rule('ssh', 'job', 'when { context.sshRerun && context.contexts.contains("x") }'),
    )
    const unknown = config('<< pipeline.parameters.context >>')
    const made = await sam.call('pipelines.check', {
      project: mine,
      text: unknown,
      sshRerun: false,
    })
    expect(made.violations).toMatchObject([
      {
        rule: 'no_production',
        line: 7,
        unknown: [{ fact: 'contexts', text: '<< pipeline.parameters.context >>' }],
      },
    ])
    expect(made.violations[0]?.reason).toContain(
      'not known: contexts (<< pipeline.parameters.context >>)',
    )
    // Nobody said whether it is a rerun with SSH: not known either.
    const untold = await sam.call('pipelines.check', { project: mine, text: config('x') })
    expect(untold.violations).toMatchObject([{ rule: 'ssh' }])
    const known = await sam.call('pipelines.check', {
      project: mine,
      text: config('x'),
      sshRerun: false,
    })
    expect(known.decision.status).toBe('PASS')
    await end(policyId)
  })
})

describe('refused configs', () => {
  test.each([
    ['not YAML', 'a: [', 'Line 1', 'not YAML'],
    ['nested too deeply', `a: ${'['.repeat(100)}`, 'Line 1', 'deeper than 64'],
    ['a key twice', 'version: 2\njobs: {}\njobs: {}\n', 'Line 3', 'second time'],
    ['no config', '- a\n', 'Line 1', 'is a mapping'],
  ])('%s: 422 with the line, recorded as a failed attempt', async (_, text, line, says) => {
    const { status, body } = await curl(text)
    expect(status).toBe(422)
    expect(body).toMatchObject({ code: 'invalid_config', title: expect.stringContaining(line) })
    expect((body as { title: string }).title).toContain(says)
    expect(await world.lastEvent()).toMatchObject({
      action: 'pipelines.check',
      outcome: 'failed',
      detail: { code: 'invalid_config' },
    })
  })
  test('1 MiB is read, a byte more is not', async () => {
    const text = config('build')
    const full = text + '#'.repeat(1024 * 1024 - text.length)
    expect(await curl(full)).toMatchObject({ status: 200 })
    for (const more of ['#', '#'.repeat(300_000)]) {
      expect(await curl(`${full}${more}`)).toMatchObject({
        status: 422,
        body: { code: 'invalid_config', title: expect.stringContaining('Line 1: ') },
      })
    }
    expect(await curl(`${full}${'#'.repeat(3 * 1024 * 1024)}`)).toMatchObject({ status: 413 })
  })
})

test('list and view: narrowed to what one may see, with the file as it was', async () => {
  const text = config('build', ', filters: {branches: {only: main}}')
  const { id } = await ada.call('pipelines.check', {
    project: other.id,
    text,
    path: '.circleci/deploy.yml',
    kind: 'continuation',
  })
  const seen = await ada.call('pipelines.view', { checkId: id })
  expect(seen).toMatchObject({
    text,
    path: '.circleci/deploy.yml',
    kind: 'continuation',
    status: 'PASS',
    project: { id: other.id },
    checkedBy: { id: ada.id },
    facts: { jobs: [{ name: 'deploy', branches: ['main'], line: 7 }] },
  })
  expect(seen.eventId).not.toBeNull()
  const all = await noor.call('pipelines.list', {})
  expect(all.items.map((one) => one.id)).toContain(id)
  const own = await sam.call('pipelines.list', {})
  expect(new Set(own.items.map((one) => one.project.id))).toEqual(new Set([project.id]))
  await expect(sam.call('pipelines.view', { checkId: id })).rejects.toMatchObject({
    code: 'not_found',
  })
  const first = await noor.call('pipelines.list', { limit: 2 })
  const next = await noor.call('pipelines.list', { limit: 2, cursor: first.next })
  expect(next.items[0]?.id).toBe(all.items[2]?.id)
  const failed = await noor.call('pipelines.list', { status: 'HARD_FAIL' })
  expect(new Set(failed.items.map(({ status }) => status))).toEqual(new Set(['HARD_FAIL']))
})

test('a preview decides the same and leaves nothing behind', async () => {
  const before = (await world.events()).length
  const made = await sam.call('pipelines.preview', { project: mine, text: config('build') })
  expect(made).toMatchObject({
    decision: { status: 'PASS' },
    facts: { jobs: [{ contexts: ['build'] }] },
  })
  expect((await world.events()).length).toBe(before)
})

test('a template becomes a policy that is checked as any other', async () => {
  const { name, description, text } = await ada.call('policies.template', {
    of: {
      template: 'contexts_reserved_by_projects',
      projects: [other.id],
      contexts: ['production'],
    },
  })
  expect(text).toContain(`Sallyport::Project::"${other.id}"`)
  const policyId = await enforce(text)
  const made = await sam.call('pipelines.check', { project: mine, text: config('production') })
  expect(made.decision).toMatchObject({
    hard_failures: [
      {
        rule: 'contexts_reserved_by_projects',
        reason: 'main.deploy: uses context value(s) reserved to other projects: production',
      },
    ],
  })
  const theirs = await ada.call('pipelines.check', {
    project: other.id,
    text: config('production'),
  })
  expect(theirs.decision.status).toBe('PASS')
  await end(policyId)
  expect([name, description].every(Boolean)).toBe(true)
})
