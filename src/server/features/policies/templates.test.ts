import { afterAll, describe, expect, test } from 'vitest'
import { PolicyTemplate } from '../../../contract/policy-templates.ts'
import { createCedar } from '../../decision/cedar.ts'
import { decideConfig } from '../../decision/decide-config.ts'
import { createDraftHost } from '../../decision/draft-host.ts'
import { readConfig } from '../../pipelines/read-config.ts'
import { policyFrom } from './templates.ts'

/*
 * The decisions of CircleCI's policy agent for its own helpers, as its public documentation and its cases describe them
 * (ci-systems.md B2): the same status, the same failures with the same reasons.
 */

const host = createDraftHost({ timeoutMs: 30_000 })
afterAll(() => host.close())
const engine = createCedar()
const [a, b, x] = ['a', 'b', 'f'].map((digit) => `00000000-0000-7000-8000-00000000000${digit}`) as [
  string,
  string,
  string,
]

interface Asked {
  readonly config: string
  readonly project?: string
  readonly branch?: string
}

function decisionOf(given: unknown, { config: text, project = a }: Asked) {
  const template = PolicyTemplate.parse(given)
  const policy = policyFrom(template)
  const judge = engine.prepare([
    { id: 'p', name: policy.name, version: 1, mode: 'enforce', text: policy.text },
  ])
  const run = {
    now: new Date('2026-11-25T12:00:00Z'),
    branch: 'main',
    fromFork: false,
    sshRerun: false,
  }
  const { status, violations } = decideConfig(
    judge,
    { project: { id: project, slug: project, provider: 'circleci' }, path: 'config.yml' },
    readConfig({ provider: 'circleci', text }),
    run,
  )
  return [status, ...violations.map(({ reason }) => reason).sort()]
}

const jobs = (calls: string) =>
  `version: 2.1\njobs:\n  test: {docker: [{image: cimg/base:1.0.0}]}\n  build: {docker: [{image: cimg/base:1.0.0}]}\nworkflows:\n  main:\n    jobs: [${calls}]\n`
const contexts = (test: string, build: string) =>
  jobs(`{test: {context: ${test}}}, {build: {context: ${build}}}`)
const orbs = (names: string) => `version: 2.1\norbs: {${names}}\n`
const soft = (template: string, more: object) => ({ template, level: 'soft', ...more })
const classes = (one: string) =>
  `version: 2.1\njobs:\n  big: {docker: [{image: cimg/base:1.0.0}], resource_class: ${one}}\nworkflows: {main: {jobs: [big]}}\n`

const allowed = (list: string[], projects = [a]) =>
  soft('contexts_allowed', { projects, contexts: list })
const reserved = soft('contexts_reserved_by_projects', { projects: [a], contexts: ['c1', 'c2'] })
const blocked = soft('contexts_blocked', {
  projects: [a],
  contexts: ['bad', 'dangerous', 'secret'],
})
const branches = soft('contexts_reserved_by_branches', {
  branches: ['main', 'master'],
  contexts: ['secret', 'sensitive'],
})
const filtered = (filters: string) =>
  jobs(`{test: {context: ok}}, {build: {context: secret, filters: ${filters}}}`)
const notIn = 'uses context value(s) not in allowlist for project:'
const small = soft('resource_classes_by_project', {
  classes: [
    { name: 'large', projects: [b] },
    { name: 'medium', projects: [a, b] },
  ],
})

const cases: readonly (readonly [string, object, Asked, string[]])[] = [
  ['allowed', allowed(['c1', 'c2']), { config: contexts('c1', 'c2') }, ['PASS']],
  [
    'one not allowed',
    allowed(['c0', 'c1']),
    { config: contexts('c1', 'c2') },
    ['SOFT_FAIL', `main.build: ${notIn} c2`],
  ],
  [
    'none allowed',
    allowed(['v1', 'v2']),
    { config: contexts('c1', 'c2') },
    ['SOFT_FAIL', `main.build: ${notIn} c2`, `main.test: ${notIn} c1`],
  ],
  [
    'another project',
    allowed(['v1'], [a, b]),
    { config: contexts('c1', 'c2'), project: x },
    ['PASS'],
  ],
  [
    'several in one job',
    allowed(['c1', 'c2']),
    { config: jobs('{test: {context: [dangerous, bad, secret, c1]}}') },
    ['SOFT_FAIL', `main.test: ${notIn} bad, dangerous, secret`],
  ],
  ['reserved to this project', reserved, { config: contexts('c1', 'c2') }, ['PASS']],
  [
    'reserved to another',
    reserved,
    { config: contexts('c1', 'c3'), project: x },
    ['SOFT_FAIL', 'main.test: uses context value(s) reserved to other projects: c1'],
  ],
  [
    'two reserved among others',
    reserved,
    { config: contexts('[c1, c2, other]', 'none'), project: x },
    ['SOFT_FAIL', 'main.test: uses context value(s) reserved to other projects: c1, c2'],
  ],
  ['not reserved', reserved, { config: contexts('[c3, c4]', 'c5'), project: x }, ['PASS']],
  ['not blocked', blocked, { config: contexts('[c1, c2]', 'c3') }, ['PASS']],
  [
    'blocked',
    blocked,
    { config: contexts('bad', '[dangerous, secret]') },
    [
      'SOFT_FAIL',
      'main.build: uses context value(s) in blocklist for project: dangerous, secret',
      'main.test: uses context value(s) in blocklist for project: bad',
    ],
  ],
  ['blocked for others', blocked, { config: contexts('bad', 'secret'), project: x }, ['PASS']],
  ['limited to the branch', branches, { config: filtered('{branches: {only: main}}') }, ['PASS']],
  [
    'another branch besides',
    branches,
    { config: filtered('{branches: {only: [main, prod]}}') },
    [
      'SOFT_FAIL',
      'main.build: uses context value(s): secret - that cannot be used with branches: prod',
    ],
  ],
  [
    'not limited',
    branches,
    { config: filtered('null') },
    [
      'SOFT_FAIL',
      'main.build: uses context value(s): secret - that must be limited to branches: main, master',
    ],
  ],
  [
    'orb allowed',
    { template: 'orbs_allowed', orbs: ['partner/useful'] },
    { config: orbs('x: partner/useful@1.2.3') },
    ['PASS'],
  ],
  [
    'orb not allowed',
    { template: 'orbs_allowed', orbs: ['partner/useful'] },
    { config: orbs('x: partner/useful@1.2.3, y: bad/bad@0.0.0') },
    ['HARD_FAIL', 'bad/bad orb is not allowed in CircleCI configuration'],
  ],
  [
    'no orbs',
    { template: 'orbs_allowed', orbs: ['partner/useful'] },
    { config: 'version: 2.1\norbs: []\n' },
    ['PASS'],
  ],
  [
    'orb not banned',
    soft('orbs_banned', { orbs: ['bad'] }),
    { config: orbs('x: circleci/security@1.2.3') },
    ['PASS'],
  ],
  [
    'orb banned',
    soft('orbs_banned', { orbs: ['bad'] }),
    { config: orbs('x: bad@0.0.0, y: <<pipeline.parameters.evilorb>>') },
    [
      'SOFT_FAIL',
      'bad orb is not allowed in CircleCI configuration',
      'invalid orb: <<pipeline.parameters.evilorb>> - parameterized orbs are disallowed',
    ],
  ],
  [
    'another version',
    soft('orb_versions_banned', { orbs: ['bad@1.2.3'] }),
    { config: orbs('x: bad@3.2.1') },
    ['PASS'],
  ],
  [
    'the banned version',
    soft('orb_versions_banned', { orbs: ['bad@1.2.3'] }),
    { config: orbs('x: bad@1.2.3, y: other@<<pipeline.parameters.v>>') },
    [
      'SOFT_FAIL',
      'bad@1.2.3 orb is not allowed in CircleCI configuration',
      'invalid orb: other@<<pipeline.parameters.v>> - parameterized orbs are disallowed',
    ],
  ],
  ['a class of its own', small, { config: classes('large'), project: b }, ['PASS']],
  [
    'a class of others',
    small,
    { config: classes('large') },
    ['SOFT_FAIL', 'project is not allowed to use resource_class "large" declared in job "big"'],
  ],
  ['a class that is shared', small, { config: classes('medium') }, ['PASS']],
  ['a class that nobody listed', small, { config: classes('small'), project: x }, ['PASS']],
]

describe('templates decide as the helpers do', () => {
  test.each(cases)('%s', (_, template, asked, expected) => {
    expect(decisionOf(template, asked)).toEqual(expected)
  })
  test('what cannot be told breaks each of them', () => {
    const config = jobs(
      '{test: {context: << pipeline.parameters.c >>, filters: {branches: {only: main}}}}',
    )
    for (const template of [allowed(['c1']), blocked]) {
      expect(decisionOf(template, { config })[0]).toBe('SOFT_FAIL')
    }
    expect(decisionOf(reserved, { config, project: x })[0]).toBe('SOFT_FAIL')
    // Limited to main whatever the context is; and of a project that the rule does not ask.
    expect(decisionOf(branches, { config })[0]).toBe('PASS')
    expect(decisionOf(allowed(['c1']), { config, project: x })).toEqual(['PASS'])
    expect(decisionOf(small, { config: classes('<< pipeline.parameters.size >>') })[0]).toBe(
      'SOFT_FAIL',
    )
  })
  test('each validates without a warning, also with the longest lists', async () => {
    const many = Array.from({ length: 60 }, (_, number) => `name-${number}`)
    const projects = [a, b, x]
    for (const given of [
      { template: 'contexts_allowed', projects, contexts: many },
      { template: 'contexts_reserved_by_branches', branches: many, contexts: many },
      { template: 'orb_versions_banned', orbs: many },
      { template: 'resource_classes_by_project', classes: [{ name: 'large', projects }] },
    ]) {
      const checked = await host.check(policyFrom(PolicyTemplate.parse(given)).text)
      expect(checked).toMatchObject({ problems: [], valid: true })
    }
  })
  test('nothing in a parameter can leave its quotes', () => {
    for (const contexts of [['a"]) }; permit (principal'], ['a\\'], ['a{b}'], ['a\nb'], []]) {
      expect(
        PolicyTemplate.safeParse({ template: 'contexts_allowed', projects: [a], contexts }).success,
      ).toBe(false)
    }
  })
})
