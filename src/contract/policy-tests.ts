import { z } from 'zod'
import { Id, Moment, Named, Version } from './id.ts'
import { name } from './name.ts'
import { noun } from './operation.ts'
import { Nothing } from './page.ts'
import { PolicyFacts } from './policy-facts.ts'

/** How many tests one policy may have: all of them run on every keystroke. */
export const mostPolicyTests = 100

/** Of this policy alone: whether it forbids. Nothing else decides in a test. */
export const TestExpected = z.enum(['permitted', 'denied'])
export type TestExpected = z.infer<typeof TestExpected>

/** What a text says to a test's facts. `error`: it cannot be evaluated, which denies where it is enforced. */
export const TestVerdict = z.strictObject({
  testId: Id,
  verdict: z.enum(['permitted', 'denied', 'error']),
  passes: z.boolean(),
  reasons: z.array(z.string()),
})
export type TestVerdict = z.infer<typeof TestVerdict>

export const PolicyTest = z.strictObject({
  id: Id,
  name: z.string(),
  facts: PolicyFacts,
  expected: TestExpected,
  /** The recorded decision that it was made of. */
  decisionId: Id.nullable(),
  /** Which of that decision's facts were left out or replaced: the policy says the same without them. */
  leftOut: z.array(z.string()),
  createdAt: Moment,
  createdBy: Named.nullable(),
  version: Version,
  /** The facts as the engine is asked them: principal, action, resource, context and entities. */
  request: z.record(z.string(), z.unknown()),
})
export type PolicyTest = z.infer<typeof PolicyTest>

const TestName = name(200)

export const policyTests = noun({
  list: {
    method: 'GET',
    path: '/policies/:policyId/tests',
    summary: 'The tests of a policy, with what its newest version says to each',
    may: 'policy:view',
    returns: z.strictObject({ items: z.array(PolicyTest), verdicts: z.array(TestVerdict) }),
  },
  run: {
    method: 'POST',
    path: '/policies/:policyId/tests/run',
    summary: 'What a text, not written yet, says to the tests of a policy',
    may: 'policy:view',
    on: 'any',
    readOnly: true,
    body: z.strictObject({ text: z.string().max(65_536) }),
    returns: z.strictObject({ verdicts: z.array(TestVerdict) }),
  },
  create: {
    method: 'POST',
    path: '/policies/:policyId/tests',
    summary: 'Add a test: facts, and whether the policy must forbid them',
    may: 'policy:update',
    on: 'policy',
    body: z.strictObject({ name: TestName, expected: TestExpected, facts: PolicyFacts }),
    returns: PolicyTest,
  },
  fromDecision: {
    method: 'POST',
    path: '/policies/:policyId/tests/from-decision',
    summary: 'Make a recorded decision a test, without what must not stand in one',
    may: 'policy:update',
    on: 'policy',
    body: z.strictObject({ decisionId: Id, expected: TestExpected, name: TestName.optional() }),
    returns: PolicyTest,
  },
  update: {
    method: 'PATCH',
    path: '/policies/:policyId/tests/:testId',
    summary: 'Rename a test, or change what it expects',
    may: 'policy:update',
    on: 'policy',
    ifMatch: true,
    body: z.strictObject({ name: TestName.optional(), expected: TestExpected.optional() }),
    returns: PolicyTest,
  },
  remove: {
    method: 'DELETE',
    path: '/policies/:policyId/tests/:testId',
    summary: 'Remove a test',
    may: 'policy:update',
    on: 'policy',
    ifMatch: true,
    returns: Nothing,
  },
})
