import { describe, expect, test } from 'vitest'
import type { ConfigFacts, JobFact } from '../../contract/pipeline-facts.ts'
import { createCedar } from './cedar.ts'
import { readsOf } from './config-judge.ts'
import { decideConfig, fill } from './decide-config.ts'
import type { PolicyInForce } from './policy-judge.ts'
import { mayHold } from './residual.ts'

const alarms: string[] = []
const engine = createCedar((message) => alarms.push(message))

const job: JobFact = {
  name: 'deploy',
  line: 7,
  workflow: 'main',
  kind: 'job',
  definition: 'deploy',
  contexts: ['production'],
  environments: [],
  secrets: [],
  branchFilter: 'literal',
  branches: ['main'],
  tagFilter: 'none',
  tags: [],
  requires: [],
  approvals: [],
  runnerClass: 'large',
  runnerLabels: [],
  selfHosted: false,
  permissions: [],
  idToken: true,
  forkPath: 'none',
  checksOutFork: false,
  manual: false,
  remoteShell: false,
  steps: [],
  unresolved: [],
}
const configOf = (...jobs: Partial<JobFact>[]): ConfigFacts => ({
  provider: 'circleci',
  kind: 'source',
  jobs: jobs.map((more) => Object.assign({}, job, more)),
  workflows: [],
  refs: [],
  images: [],
  unresolved: [],
})
const policy = (
  text: string,
  mode: PolicyInForce['mode'] = 'enforce',
  id = 'x',
): PolicyInForce => ({
  id,
  name: `Policy ${id}`,
  version: 2,
  mode,
  text,
})
const onJob = (clauses: string, annotations = '') =>
  `${annotations}forbid (principal, action == Sallyport::Action::"config:job", resource) ${clauses};`
const place = {
  project: { id: 'p1', slug: 'gh/meridian/shop', provider: 'circleci' },
  path: 'config.yml',
  segment: { id: 's1', name: 'Production' },
  team: { id: 't1', name: 'Web' },
}
const run = {
  now: new Date('2026-11-25T12:00:00Z'),
  branch: 'main',
  fromFork: false,
  sshRerun: false,
}
const decide = (config: ConfigFacts, ...policies: PolicyInForce[]) =>
  decideConfig(engine.prepare(policies), place, config, run)
const production = onJob('when { context.contexts.contains("production") }')

describe('status', () => {
  test('nothing in force is PASS; a hard rule HARD_FAIL; a soft one SOFT_FAIL; both HARD_FAIL', () => {
    const soft = policy(onJob('when { true }', '@level("soft") '), 'enforce', 'soft')
    expect(decide(configOf({})).status).toBe('PASS')
    expect(decide(configOf({}), policy(production)).status).toBe('HARD_FAIL')
    expect(decide(configOf({}), soft).status).toBe('SOFT_FAIL')
    expect(decide(configOf({}), soft, policy(production)).status).toBe('HARD_FAIL')
    expect(decide(configOf({ contexts: [] }), policy(production))).toMatchObject({
      status: 'PASS',
      enabledRules: ['Policy x'],
    })
  })
  test('a level that is none of ours blocks', () => {
    expect(decide(configOf({}), policy(onJob('when { true }', '@level("sofft") '))).status).toBe(
      'HARD_FAIL',
    )
  })
  test('evaluated rules change no status', () => {
    const found = decide(configOf({}), policy(production, 'evaluate'))
    expect(found).toMatchObject({ status: 'PASS', wouldFail: true, enabledRules: [] })
    expect(found.policies).toEqual([{ id: 'x', version: 2, mode: 'evaluate' }])
  })
  test('a rule that errs, or cannot be read, is ERROR and blocks', () => {
    const overflow = onJob('when { context.weekday + 9223372036854775807 > 0 }')
    for (const text of [overflow, 'forbid (', '('.repeat(500)]) {
      const found = decide(configOf({}), policy(text))
      expect(found.status).toBe('ERROR')
      expect(found.violations[0]).toMatchObject({ level: 'error', policy: { id: 'x' } })
    }
    // And beside a rule that is broken it is still an error.
    expect(decide(configOf({}), policy(overflow), policy(production, 'enforce', 'y')).status).toBe(
      'ERROR',
    )
  })
  test('a permit changes nothing', () => {
    const permit = policy('permit (principal, action, resource);', 'enforce', 'y')
    expect(decide(configOf({}), permit).status).toBe('PASS')
    expect(decide(configOf({}), permit, policy(production)).status).toBe('HARD_FAIL')
  })
  test('a group, the project, its segment and team, and the file are known', () => {
    for (const scope of [
      'principal, action in Sallyport::Action::"config", resource',
      'principal == Sallyport::Project::"p1", action in Sallyport::Action::"config", resource',
      'principal in Sallyport::Segment::"s1", action in Sallyport::Action::"config", resource',
      'principal in Sallyport::Team::"t1", action in Sallyport::Action::"config", resource',
      'principal, action in Sallyport::Action::"config", resource == Sallyport::Config::"config.yml"',
    ]) {
      expect(decide(configOf({}), policy(`forbid (${scope});`)).status).toBe('HARD_FAIL')
    }
    const other =
      'forbid (principal == Sallyport::Project::"p2", action in Sallyport::Action::"config", resource);'
    expect(decide(configOf({}), policy(other)).status).toBe('PASS')
    const window =
      'forbid (principal, action, resource) when { context.now < datetime("2026-11-26") };'
    expect(decide(configOf({}), policy(window)).status).toBe('HARD_FAIL')
  })
})

describe('what is not known never counts as allowed', () => {
  const open = { contexts: [], unresolved: [{ fact: 'contexts', text: '$X' }] }
  test.each([
    ['a deny-list', 'when { context.contexts.contains("production") }', 'HARD_FAIL'],
    ['an allow-list', 'unless { ["a"].containsAll(context.contexts) }', 'HARD_FAIL'],
    [
      'a rule that is false whatever it is',
      'when { context.contexts.contains("x") && context.name == "other" }',
      'PASS',
    ],
    [
      'a rule that is false, said first',
      'when { context.name == "other" && context.contexts.contains("x") }',
      'PASS',
    ],
    [
      'a rule that is true whatever it is',
      'when { context.contexts.contains("x") || context.name == "deploy" }',
      'HARD_FAIL',
    ],
    [
      'an exception that holds whatever it is',
      'when { true } unless { context.contexts.contains("x") || context.name == "deploy" }',
      'PASS',
    ],
    ['a negation', 'when { !context.contexts.contains("x") }', 'HARD_FAIL'],
    ['another fact', 'when { context.selfHosted }', 'PASS'],
    [
      'a rule that says itself what is to be done',
      'when { context.contexts.contains("x") && !context.unknown.contains("contexts") }',
      'PASS',
    ],
  ])('%s', (_, clauses, status) => {
    expect(decide(configOf(open), policy(onJob(clauses))).status).toBe(status)
  })
  test('negative control: where it is known, the same rules look at it', () => {
    const known = { contexts: ['a'] }
    expect(
      decide(configOf(known), policy(onJob('when { context.contexts.contains("production") }')))
        .status,
    ).toBe('PASS')
    expect(
      decide(configOf(known), policy(onJob('unless { ["a"].containsAll(context.contexts) }')))
        .status,
    ).toBe('PASS')
  })
  test('the violation names the fact and what stands in its place', () => {
    const [found] = decide(configOf(open), policy(production)).violations
    expect(found).toMatchObject({ line: 7, unknown: [{ fact: 'contexts', text: '$X' }] })
    expect(found?.reason).toContain('not known: contexts ($X)')
  })
  test('what an unfinished expression comes to', () => {
    const open = { contains: { left: { unknown: [{ Value: 'x' }] }, right: { Value: 'a' } } }
    const value = (Value: boolean) => ({ Value })
    const when = (body: unknown) => mayHold({ conditions: [{ kind: 'when', body }] })
    expect(when(open)).toBe(true)
    expect(when({ '&&': { left: open, right: value(false) } })).toBe(false)
    expect(when({ '!': { arg: { '||': { left: open, right: value(true) } } } })).toBe(false)
    expect(
      mayHold({
        conditions: [{ kind: 'unless', body: { '||': { left: open, right: value(true) } } }],
      }),
    ).toBe(false)
    expect(mayHold({ conditions: [{ kind: 'unless', body: open }] })).toBe(true)
  })
})

test('the facts that a rule reads are found; the context as a whole means all of them', () => {
  const at = (attr: string) => ({ '.': { left: { Var: 'context' }, attr } })
  expect(
    readsOf({
      '&&': { left: at('name'), right: { has: { left: { Var: 'context' }, attr: 'tag' } } },
    }),
  ).toEqual(new Set(['name', 'tag']))
  expect(readsOf({ '==': { left: { Var: 'context' }, right: { Record: {} } } })).toBeUndefined()
})

test('reasons are filled in, and nothing else is made of them', () => {
  const facts = { name: 'deploy', contexts: ['b', 'a', 'c'], idToken: true }
  expect(fill('{name}/{job.name}: {contexts}, {idToken}', { facts })).toBe(
    'deploy/deploy: a, b, c, true',
  )
  expect(fill('{contexts in: a, c} {contexts not in: a, c}', { facts })).toBe('a, c b')
  expect(fill('{unknown} {constructor} {', { facts })).toBe('{unknown} {constructor} {')
  expect(fill('{name}', { facts: { name: 'x'.repeat(2_000) } })).toHaveLength(500)
})

test('a policy that stops the engine is ERROR, and the next check is answered', () => {
  const deep = onJob(`when { ${'!'.repeat(39)}context.manual }`)
  expect(['PASS', 'HARD_FAIL', 'ERROR']).toContain(decide(configOf({}), policy(deep)).status)
  expect(decide(configOf({}), policy(production)).status).toBe('HARD_FAIL')
})
