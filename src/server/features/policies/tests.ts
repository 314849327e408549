import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { PolicyFacts } from '../../../contract/policy-facts.ts'
import { mostPolicyTests } from '../../../contract/policy-tests.ts'
import type { TestAsked } from '../../../contract/policy-test-run.ts'
import { newId } from '../../db/new-id.ts'
import { requestOf } from '../../decision/cedar-request.ts'
import type { DraftHost } from '../../decision/draft-host.ts'
import { factsOf, questionOf } from '../../decision/policy-facts.ts'
import { problem } from '../../http/problem.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { recordedDecision } from '../decisions/service.ts'
import { fixtureOf } from './fixture.ts'
import { thePolicy, theVersion } from './service.ts'
import { lockPolicy } from './store.ts'
import { deleteTest, insertTest, testsOf, updateTest, type TestRow } from './test-store.ts'

type Answer = AnswerOf<'policyTests.create'>

const requestFor = (facts: PolicyFacts) => ({ ...requestOf(questionOf(facts)) })

const answerOf = (row: TestRow): Answer => ({
  id: row.id,
  name: row.name,
  facts: row.facts,
  expected: row.expected,
  decisionId: row.decisionId,
  leftOut: row.leftOut,
  createdAt: row.createdAt,
  createdBy:
    row.createdBy && row.createdByName ? { id: row.createdBy, name: row.createdByName } : null,
  version: row.version,
  request: requestFor(row.facts),
})

const stale = (current: TestRow) =>
  problem('stale', 'Somebody changed this test since you loaded it.', {
    current: answerOf(current),
  })

const asked = ({ id, expected, facts }: Pick<TestRow, 'id' | 'expected' | 'facts'>): TestAsked => ({
  id,
  expected,
  request: requestFor(facts),
})

/** What a text says to every test of a policy; the failing ones by their names. */
export async function runTests(scope: Scope, drafts: DraftHost, policyId: string, text: string) {
  const rows = await testsOf(scope.db, policyId)
  const verdicts = await drafts.test(text, rows.map(asked))
  const failing = rows.filter(({ id }) => !verdicts.find(({ testId }) => testId === id)?.passes)
  return { total: rows.length, verdicts, failing }
}

/** Nothing leaves draft, and nothing is enforced, that fails a test of its own. */
export async function demandTestsPass(
  scope: Scope,
  drafts: DraftHost,
  policyId: string,
  { number, text }: { number: number; text: string },
): Promise<void> {
  const { total, verdicts, failing } = await runTests(scope, drafts, policyId, text)
  if (failing.length === 0) return
  const names = failing.slice(0, 3).map(({ name }) => `“${name}”`)
  const more = failing.length > names.length ? ` and ${failing.length - names.length} more` : ''
  throw problem(
    'tests_failing',
    `Version ${number} fails ${failing.length} of its ${total} tests: ${names.join(', ')}${more}. Mend the policy or the tests first.`,
    {
      fields: failing.map(({ id, name, expected }) => {
        const found = verdicts.find(({ testId }) => testId === id)
        const why = found?.verdict === 'error' ? ` (${found.reasons.join('; ')})` : ''
        return {
          path: 'tests',
          message: `“${name}” expects ${expected}, and is ${found?.verdict ?? 'error'}${why}`,
        }
      }),
    },
  )
}

interface NewTest {
  readonly policyId: string
  readonly name: string
  readonly facts: PolicyFacts
  readonly expected: 'permitted' | 'denied'
  readonly decisionId?: string
  readonly leftOut?: readonly string[]
}

async function add(scope: Scope, made: NewTest): Promise<Answer> {
  await lockPolicy(scope.db, made.policyId)
  const before = await testsOf(scope.db, made.policyId)
  if (before.length >= mostPolicyTests) {
    throw problem('limit_reached', `A policy has at most ${mostPolicyTests} tests. Remove one.`)
  }
  const id = newId()
  const { decisionId = null, leftOut = [], ...values } = made
  await insertTest(scope.db, {
    id,
    ...values,
    decisionId,
    leftOut,
    createdBy: scope.actor.personId ?? null,
    createdAt: scope.now,
  })
  scope.record({
    after: { test: made.name, expected: made.expected },
    ...(made.decisionId && { detail: { decision: made.decisionId, leftOut } }),
  })
  return answerOf(await theTest(scope, made.policyId, id))
}

async function theTest(scope: Scope, policyId: string, testId: string): Promise<TestRow> {
  const row = (await testsOf(scope.db, policyId)).find(({ id }) => id === testId)
  if (!row) throw problem('not_found', 'The policy has no such test. It may have been removed.')
  return row
}

/** A recorded decision as a test, checked to be told the same as the whole of its facts are. */
async function fromDecision(
  scope: Scope,
  drafts: DraftHost,
  { policyId, decisionId, expected, name }: InputOf<'policyTests.fromDecision'>,
): Promise<Answer> {
  const policy = await thePolicy(scope, policyId)
  const reader = { actor: scope.actor, reach: scope.reach('decision:view') }
  const row = await recordedDecision(scope.db, reader, decisionId)
  if (!row) throw problem('not_found', 'There is no such decision.')
  const facts = factsOf(row)
  if (!facts) {
    throw problem(
      'conflict',
      'This decision was recorded without what policies are asked with: it cannot become a test.',
    )
  }
  const { text } = await theVersion(scope, policyId, policy.currentVersion)
  const short = fixtureOf(facts, text)
  const [whole, shortened] = await drafts.test(text, [
    { id: newId(), expected, request: requestFor(facts) },
    { id: newId(), expected, request: requestFor(short.facts) },
  ])
  // What the policy needs after all is not left out: a test must mean what the decision was.
  const fixture = whole?.verdict === shortened?.verdict ? short : { facts, leftOut: [] }
  const word = expected === 'denied' ? 'denied' : 'permitted'
  const usual = `${row.actorName}: ${row.action} on ${row.resourceName} is ${word}`
  return add(scope, {
    policyId,
    name: name ?? (await freeName(scope, policyId, usual.slice(0, 180))),
    facts: fixture.facts,
    expected,
    decisionId,
    leftOut: fixture.leftOut,
  })
}

/** The name, with a number behind where another test has it. */
async function freeName(scope: Scope, policyId: string, wanted: string): Promise<string> {
  const taken = new Set((await testsOf(scope.db, policyId)).map(({ name }) => name.toLowerCase()))
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted} (${number})`
    if (!taken.has(name.toLowerCase())) return name
  }
}

export function policyTestHandlers({ drafts }: { drafts: DraftHost }): Handlers<'policyTests'> {
  return {
    async list(scope, { policyId }) {
      scope.reach('policy:view')
      const policy = await thePolicy(scope, policyId)
      const { text } = await theVersion(scope, policyId, policy.currentVersion)
      const rows = await testsOf(scope.db, policyId)
      const { verdicts } = await runTests(scope, drafts, policyId, text)
      return { items: rows.map(answerOf), verdicts: told(verdicts) }
    },
    async run(scope, { policyId, text }) {
      scope.reach('policy:view')
      await thePolicy(scope, policyId)
      return { verdicts: told((await runTests(scope, drafts, policyId, text)).verdicts) }
    },
    create: (scope, input) => add(scope, input),
    fromDecision: (scope, input) => fromDecision(scope, drafts, input),
    async update(scope, { policyId, testId, name, expected }) {
      const before = await theTest(scope, policyId, testId)
      const values = { name: name ?? before.name, expected: expected ?? before.expected }
      if (!(await updateTest(scope.db, testId, scope.expectedVersion ?? 0, values))) {
        throw stale(before)
      }
      scope.record({
        before: { test: before.name, expected: before.expected },
        after: { test: values.name, expected: values.expected },
      })
      return answerOf(await theTest(scope, policyId, testId))
    },
    async remove(scope, { policyId, testId }) {
      const before = await theTest(scope, policyId, testId)
      if (!(await deleteTest(scope.db, testId, scope.expectedVersion ?? 0))) throw stale(before)
      scope.record({ before: { test: before.name, expected: before.expected } })
    },
  }
}

type Verdicts = Awaited<ReturnType<DraftHost['test']>>
const told = (verdicts: Verdicts) =>
  verdicts.map((verdict) => ({ ...verdict, reasons: [...verdict.reasons] }))
