import { describe, expect, test } from 'vitest'
import { permissions } from '../../contract/permissions.ts'
import { whyOf } from '../../contract/why.ts'
import { createDecider } from './decide.ts'
import { noPolicies, type PolicyJudge } from './policy-judge.ts'
import type { RunFacts } from './run-facts.ts'
import type { Actor, LiveGrant, Resource } from './types.ts'

const context: Resource = {
  kind: 'context',
  id: 'c1',
  name: 'prod-deploy',
  within: { context: 'c1', segment: 's1' },
}
const grant = (over: Partial<LiveGrant> = {}): LiveGrant => ({
  id: 'g1',
  roleId: 'r1',
  roleName: 'Security admin',
  permissions: new Set(permissions),
  scope: { kind: 'organization', name: 'Organization' },
  via: { kind: 'person', id: 'p1', name: 'Ada' },
  ...over,
})
const person = (...grants: LiveGrant[]): Actor => ({
  kind: 'person',
  id: 'p1',
  name: 'Ada',
  teams: [],
  grants,
})
const decider = createDecider({ policies: noPolicies, rolesWith: () => ['Security admin'] })
const ask = (actor: Actor, resource = context) =>
  decider.decide({ actor, action: 'context:delete', resource })

describe('grants', () => {
  test('nothing is permitted without one, and the sentence names what is missing', () => {
    const decision = ask(person())
    expect(decision.outcome).toBe('denied')
    expect(decision.sentence).toBe(
      'Denied: you hold no permission context:delete on context “prod-deploy”. Security admin grants it.',
    )
  })
  test('one on the organization covers everything', () => {
    expect(ask(person(grant()))).toMatchObject({ outcome: 'permitted', grants: ['g1'] })
  })
  test.each([
    ['segment', 's1', 'permitted'],
    ['segment', 's2', 'denied'],
    ['context', 'c1', 'permitted'],
    ['context', 'c2', 'denied'],
    ['project', 'c1', 'denied'],
    ['segment', undefined, 'denied'],
  ] as const)('one on %s %s: %s', (kind, id, outcome) => {
    const scope = { kind, name: 'x', ...(id && { id }) }
    // The first answer is by a scan, the second by the index.
    const actor = person(grant({ scope }))
    expect([ask(actor).outcome, ask(actor).outcome]).toEqual([outcome, outcome])
  })
  test('neither the anonymous nor a workload acts in the console, whatever they hold', () => {
    expect(ask({ ...person(grant()), kind: 'anonymous' }).outcome).toBe('denied')
    expect(ask({ ...person(grant()), kind: 'workload' }).outcome).toBe('denied')
  })
  test('allowed answers as decide does, permission by permission', () => {
    const actor = person(grant({ permissions: new Set(['context:view', 'secret:store']) }))
    expect(decider.allowed(actor, context)).toEqual(['context:view', 'secret:store'])
    expect(decider.allowed({ ...actor, kind: 'anonymous' }, context)).toEqual([])
  })
})

describe('policies', () => {
  const judge = (enforce: 'permitted' | 'denied' | 'error', evaluate = enforce): PolicyJudge => ({
    ...noPolicies,
    applies: () => true,
    inForce: () => [],
    judge: (mode) => ({
      verdict: mode === 'enforce' ? enforce : evaluate,
      because: [{ id: 'x', name: 'Window', version: 1, mode, text: '' }],
      reasons: [],
    }),
  })
  const under = (policies: PolicyJudge) =>
    createDecider({ policies }).decide({
      actor: person(grant()),
      action: 'context:delete',
      resource: context,
    })
  test('an enforced one denies over a grant; an error denies as well', () => {
    expect(under(judge('denied')).outcome).toBe('denied')
    expect(under(judge('error')).outcome).toBe('denied')
    expect(under(judge('permitted')).outcome).toBe('permitted')
  })
  test('an evaluated one only says that it would deny', () => {
    expect(under(judge('permitted', 'denied'))).toMatchObject({
      outcome: 'permitted',
      wouldDeny: true,
    })
    expect(under(judge('permitted', 'error'))).toMatchObject({
      outcome: 'permitted',
      wouldDeny: true,
    })
  })
})

describe('a run', () => {
  const workload: Actor = { kind: 'workload', id: 'w', name: 'ci/w', teams: [], grants: [] }
  const run: RunFacts = {
    now: new Date('2026-11-23T10:00:00Z'),
    project: { id: 'p', name: 'payments', team: { id: 't', name: 'Payments' } },
    provider: 'circleci',
    fromFork: false,
    sshRerun: false,
    ip: '::ffff:10.1.2.3',
    variables: { 'pipeline.git.branch': 'main', 'job.ssh.enabled': false },
  }
  const project = { id: 'x1', kind: 'project', target: { id: 'p', name: 'payments' } } as const
  const other = { id: 'x2', kind: 'project', target: { id: 'q', name: 'web' } } as const
  const team = { id: 'x3', kind: 'team', target: { id: 'u', name: 'Web' } } as const
  const main = {
    id: 'x4',
    kind: 'expression',
    expression: 'pipeline.git.branch == "main"',
  } as const
  const typo = {
    id: 'x5',
    kind: 'expression',
    expression: 'not pipeline.git.brnch == "x"',
  } as const
  test.each([
    ['no restriction is closed', [], 'denied'],
    ['inside a type any will do', [other, project], 'permitted'],
    ['types must all admit', [project, team], 'denied'],
    ['expressions must all hold', [project, main], 'permitted'],
    ['an unknown variable denies, also under not', [project, typo], 'denied'],
  ] as const)('%s', (_, restrictions, outcome) => {
    expect(decider.use(workload, { context, run, restrictions }).outcome).toBe(outcome)
  })
  test.each([
    [['10.0.0.0/8'], 'permitted'],
    [['192.168.0.0/16'], 'denied'],
    [[], 'denied'],
  ] as const)('a segment of %s', (cidrs, outcome) => {
    const segment = { id: 's', name: 'production', cidrs, runnerClasses: [] }
    expect(decider.use(workload, { context, run, restrictions: [project], segment }).outcome).toBe(
      outcome,
    )
  })
  test('an administrator is not a workload', () => {
    expect(decider.use(person(grant()), { context, run, restrictions: [project] }).outcome).toBe(
      'denied',
    )
  })
  /* A list has columns for the rest of the sentence. */
  const asked = { context, run }
  const segment = { id: 's', name: 'production', cidrs: ['192.168.0.0/16'], runnerClasses: [] }
  const exception = {
    id: 'e1',
    projectId: 'p',
    branch: 'hotfix',
    from: new Date(0),
    until: new Date('2026-11-24T10:00:00Z'),
    askedBy: 'Sam',
    approvedBy: 'Ada',
  }
  const either = {
    ...main,
    id: 'r9',
    expression: 'pipeline.git.branch == "main" or pipeline.git.branch == "next"',
  }
  const hotfix = { ...run, branch: 'hotfix', variables: { 'pipeline.git.branch': 'hotfix' } }
  const forbids = (mode: 'enforce' | 'evaluate'): PolicyJudge => ({
    ...noPolicies,
    applies: () => true,
    judge: (of) => ({
      verdict: of === mode ? 'denied' : 'permitted',
      because: [{ id: 'y', name: 'No “forks”. Ever', version: 1, mode, text: '' }],
      reasons: ['origin: expected ours, was a fork'],
    }),
  })
  test.each([
    [{ ...asked, restrictions: [project] }, 'Its restrictions admit it.'],
    [
      { ...asked, restrictions: [project, main], run: hotfix },
      'Expected pipeline.git.branch == "main", was pipeline.git.branch is "hotfix".',
    ],
    [{ ...asked, restrictions: [other] }, 'Expected project “web”, was project “payments”.'],
    [
      { ...asked, restrictions: [project], segment },
      'Expected a run from an address in 192.168.0.0/16, was ::ffff:10.1.2.3.',
    ],
    [
      {
        ...asked,
        restrictions: [project],
        segment: { ...segment, runnerClasses: ['meridian/production'] },
      },
      'Expected a run from an address in 192.168.0.0/16 and on runner class meridian/production, was ::ffff:10.1.2.3, no known runner class.',
    ],
    [
      { ...asked, restrictions: [project, either], run: hotfix },
      'Expected pipeline.git.branch == "main" or pipeline.git.branch == "next", was pipeline.git.branch is "hotfix".',
    ],
    [
      { ...asked, restrictions: [project, main], run: hotfix, exceptions: [exception] },
      'Not its restrictions, but until 2026-11-24T10:00:00.000Z an exception does, which Sam asked for and Ada approved.',
    ],
  ])('why, beside what a list says: %#', (question, why) => {
    expect(whyOf(decider.use(workload, question).sentence)).toBe(why)
  })
  test.each([
    ['enforce', 'Policy “No “forks”. Ever” forbids it (origin: expected ours, was a fork).'],
    [
      'evaluate',
      'Policy “No “forks”. Ever” forbids it (origin: expected ours, was a fork) (in evaluate mode).',
    ],
  ] as const)('why a policy in %s mode refuses', (mode, why) => {
    const under = createDecider({ policies: forbids(mode) })
    expect(whyOf(under.use(workload, { ...asked, restrictions: [project] }).sentence)).toBe(why)
  })
  test('why a grant permits or is missing', () => {
    const wordy = { ...context, name: 'a “quoted”. name' }
    expect(whyOf(ask(person(grant()), wordy).sentence)).toBe(
      'Security admin on the organization permits it.',
    )
    expect(whyOf(ask(person(), wordy).sentence)).toBe(
      'You hold no permission context:delete on context “a “quoted”. name”. Security admin grants it.',
    )
  })
})
