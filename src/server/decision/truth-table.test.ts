import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Clause } from '../../contract/truth-table.ts'
import { createCedar } from './cedar.ts'
import { decideUse } from './decide-use.ts'
import { expressionParts } from './expression.ts'
import type { PolicyInForce } from './policy-judge.ts'
import type { Restriction, RunFacts, SegmentFacts, UseQuestion } from './run-facts.ts'
import { truthTable } from './truth-table.ts'
import type { Actor } from './types.ts'

const workload: Actor = { kind: 'workload', id: 'w', name: 'a run', teams: [], grants: [] }
const place = (name: string) => ({ id: name, name })
const context: UseQuestion['context'] = { kind: 'context', id: 'c', name: 'deploy', within: {} }

const policy = (id: string, mode: PolicyInForce['mode'], when: string): PolicyInForce => ({
  id,
  name: id,
  version: 1,
  mode,
  text: `@reason("${id}") forbid(principal, action == Sallyport::Action::"context:use", resource) when { ${when} };`,
})
const judge = createCedar().prepare([
  policy('no forks', 'enforce', 'context.fromFork'),
  policy('no ssh', 'evaluate', 'context.sshRerun'),
])

const name = fc.constantFrom('a', 'b')
const expression = fc.constantFrom(
  'pipeline.git.branch == "main"',
  'not (pipeline.git.branch == "main" and job.ssh.enabled)',
  'pipeline.git.branch starts-with "rel" or pipeline.git.tag == "v1"',
  'pipeline.git.tag == "v1"',
  'job.ssh.enabled',
  'pipeline.number > "x"',
)
const restriction: fc.Arbitrary<Restriction> = fc.oneof(
  fc.record({
    id: fc.uuid(),
    kind: fc.constantFrom('project', 'team', 'segment'),
    target: name.map(place),
  }),
  fc.record({ id: fc.uuid(), kind: fc.constant('expression' as const), expression }),
)
const segment: fc.Arbitrary<SegmentFacts> = fc.record({
  id: name,
  name,
  cidrs: fc.subarray(['10.0.0.0/8', '192.0.2.0/24']),
  runnerClasses: fc.subarray(['hosted', 'own']),
})
const run: fc.Arbitrary<RunFacts> = fc.record(
  {
    now: fc.constant(new Date('2026-11-25T12:00:00Z')),
    provider: fc.constant('circleci'),
    project: fc.record({
      id: name,
      name,
      segment: name.map(place),
      team: name.map(place),
    }),
    fromFork: fc.boolean(),
    sshRerun: fc.boolean(),
    ip: fc.constantFrom('10.1.2.3', '192.0.2.9', '203.0.113.1'),
    runnerClass: fc.constantFrom('hosted', 'own', 'else'),
    variables: fc.record(
      {
        'pipeline.git.branch': fc.constantFrom('main', 'release/2'),
        'pipeline.git.tag': fc.constantFrom('v1', 'v2'),
        'job.ssh.enabled': fc.boolean(),
        'pipeline.number': fc.constant(3),
      },
      { requiredKeys: ['job.ssh.enabled'] },
    ),
  },
  { requiredKeys: ['now', 'provider', 'fromFork', 'sshRerun', 'variables'] },
)
const question: fc.Arbitrary<UseQuestion> = fc.record(
  {
    context: fc.constant(context),
    run,
    restrictions: fc.array(restriction, { maxLength: 4 }),
    segment,
  },
  { requiredKeys: ['context', 'run', 'restrictions'] },
)

/** What the table says by itself: every outermost clause that is asked must be true; what is only evaluated decides nothing. */
const permits = (clauses: readonly Clause[]) =>
  clauses
    .filter(({ depth, mode, value }) => depth === 0 && mode !== 'evaluate' && value !== 'not_asked')
    .every(({ value }) => value === 'true')
const agrees = (asked: UseQuestion, clauses: readonly Clause[]) =>
  permits(clauses) === (decideUse(judge, workload, asked).outcome === 'permitted')

test('the table and the decision are of one mind, whatever the run and the rules', () => {
  fc.assert(
    fc.property(question, (asked) => {
      expect(agrees(asked, truthTable(judge, workload, asked))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('what a policy in evaluate mode says stands in the table, and decides nothing', () => {
  const asked: UseQuestion = {
    context,
    restrictions: [{ id: 'r', kind: 'expression', expression: 'job.ssh.enabled' }],
    run: {
      now: new Date(),
      provider: 'circleci',
      fromFork: false,
      sshRerun: true,
      variables: { 'job.ssh.enabled': true },
    },
  }
  const clauses = truthTable(judge, workload, asked)
  expect(clauses).toContainEqual(
    expect.objectContaining({ mode: 'evaluate', value: 'false', actual: 'no ssh' }),
  )
  expect(permits(clauses)).toBe(true)
})

test('the control: a table that forgets a layer is caught', () => {
  for (const forgotten of ['restriction', 'segment', 'policy'] as const) {
    const found = fc.check(
      fc.property(question, (asked) =>
        agrees(
          asked,
          truthTable(judge, workload, asked).filter(({ layer }) => layer !== forgotten),
        ),
      ),
      { numRuns: 500 },
    )
    expect({ forgotten, caught: found.failed }).toEqual({ forgotten, caught: true })
  }
})

test('every part of an expression is told, also what was not reached, each at its depth', () => {
  const text = 'pipeline.git.branch == "main" and not job.ssh.enabled and pipeline.git.tag == "v1"'
  const told = expressionParts(text, { 'pipeline.git.branch': 'x', 'job.ssh.enabled': true })
  expect(told.map(({ from, to, depth, value }) => [text.slice(from, to), depth, value])).toEqual([
    [text, 0, 'false'],
    ['pipeline.git.branch == "main"', 1, 'false'],
    ['not job.ssh.enabled', 1, 'false'],
    ['job.ssh.enabled', 2, 'true'],
    ['pipeline.git.tag == "v1"', 1, 'unknown'],
  ])
  expect(expressionParts('broken ==', {})).toMatchObject([{ value: 'error' }])
})
