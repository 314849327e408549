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
import { openZones } from './zones.ts'

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
/** What else there is, and from where a flow leads. */
const zones = fc.record({ others: fc.array(segment, { maxLength: 2 }), led: fc.boolean() })
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
const question: fc.Arbitrary<UseQuestion> = fc
  .record(
    {
      context: fc.constant(context),
      run,
      restrictions: fc.array(restriction, { maxLength: 4 }),
      segment,
      zones,
    },
    { requiredKeys: ['context', 'run', 'restrictions'] },
  )
  .map(({ zones, ...asked }) => {
    if (!zones || !asked.segment) return asked
    const { segment } = asked
    const others = zones.others.filter(({ id }) => id !== segment.id)
    const flows = zones.led ? others.map(({ id }) => ({ fromId: id, toId: segment.id })) : []
    return Object.assign(asked, { zones: openZones([segment, ...others], flows) })
  })

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

test('a run elsewhere is told from where it comes, and whether a flow leads there', () => {
  const [build, prod] = [
    { id: 'b', name: 'Build', cidrs: [], runnerClasses: [] },
    { id: 'p', name: 'Production', cidrs: ['10.0.0.0/8'], runnerClasses: [] },
  ]
  const asked = (flows: { fromId: string; toId: string }[]): UseQuestion => ({
    context,
    restrictions: [{ id: 'r', kind: 'project', target: place('a') }],
    segment: prod,
    zones: openZones([build, prod], flows),
    run: {
      now: new Date(),
      provider: 'circleci',
      project: { ...place('a'), segment: build },
      fromFork: false,
      sshRerun: false,
      ip: '203.0.113.1',
    },
  })
  const told = (question: UseQuestion) => ({
    clauses: truthTable(judge, workload, question).filter(({ layer }) => layer === 'segment'),
    layer: decideUse(judge, workload, question).layers.find(({ layer }) => layer === 'segment'),
  })
  const flow = 'The flow from segment “Build” to “Production” is allowed'
  const refused = told(asked([{ fromId: 'p', toId: 'b' }]))
  expect(refused.clauses).toMatchObject([
    { depth: 0, clause: 'The run may reach segment “Production”', value: 'false' },
    { depth: 1, value: 'false', actual: '203.0.113.1' },
    { depth: 2, clause: 'address in 10.0.0.0/8', value: 'false' },
    { depth: 1, clause: flow, value: 'false', actual: 'no such flow' },
  ])
  expect(refused.layer).toMatchObject({
    verdict: 'denied',
    clause: 'Runs in segment “Build” may reach segment “Production”',
    expected: 'an allowed flow from “Build” to “Production”',
    actual: 'no such flow',
    because: [{ id: 'b' }, { id: 'p' }],
  })
  const led = told(asked([{ fromId: 'b', toId: 'p' }]))
  expect(led.clauses).toContainEqual(expect.objectContaining({ clause: flow, value: 'true' }))
  expect(led.layer).toMatchObject({ verdict: 'permitted' })
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
