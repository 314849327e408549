import { brokenLimit } from './policy-limits.ts'
import type { TestExpected, TestVerdict } from './policy-tests.ts'

/** A test as the engine is asked it: the server makes the request, so that the browser asks the very same. */
export interface TestAsked {
  readonly id: string
  readonly expected: TestExpected
  readonly request: Readonly<Record<string, unknown>>
}

interface Said {
  readonly message: string
}

/** As much of Cedar as a test needs: the engine is given by the server's thread, or by the browser's worker. */
export interface PolicyTester {
  preparseSchema(name: string, schema: string): { readonly type: 'success' | 'failure' }
  policySetTextToParts(
    text: string,
  ):
    | { readonly type: 'failure' }
    | { readonly type: 'success'; readonly policies: readonly string[] }
  policyToJson(text: string):
    | { readonly type: 'failure' }
    | {
        readonly type: 'success'
        readonly json: { readonly annotations?: Readonly<Record<string, string | null>> }
      }
  preparsePolicySet(
    name: string,
    policies: { staticPolicies: Record<string, string> },
  ): { readonly type: 'success' } | { readonly type: 'failure'; readonly errors: readonly Said[] }
  statefulIsAuthorized(call: never):
    | { readonly type: 'failure'; readonly errors: readonly Said[] }
    | {
        readonly type: 'success'
        readonly response: {
          readonly decision: 'allow' | 'deny'
          readonly diagnostics: {
            readonly reason: readonly string[]
            readonly errors: readonly { readonly error: Said }[]
          }
        }
      }
}

/** A fixed name, used again each time: the engine never frees one. */
const slot = 'tests'
const base = 'permit(principal, action, resource);'
let prepared: { readonly cedar: PolicyTester; readonly schema: string } | undefined

/**
 * Runs a policy's tests against a text, as the decision point would ask it if it alone were enforced. Runs in an
 * instance that may die of the text, never in the one that decides.
 */
export function runPolicyTests(
  cedar: PolicyTester,
  schema: string,
  text: string,
  tests: readonly TestAsked[],
): TestVerdict[] {
  if (tests.length === 0) return []
  const broken = (why: string) => tests.map(({ id }) => erring(id, why))
  const limit = brokenLimit(text)
  if (limit) return broken(limit.message)
  if (prepared?.cedar !== cedar || prepared.schema !== schema) {
    cedar.preparseSchema(slot, schema)
    prepared = { cedar, schema }
  }
  const parts = cedar.policySetTextToParts(text)
  if (parts.type === 'failure') return broken('The text cannot be read.')
  const statements = Object.fromEntries(parts.policies.map((part, at) => [`p${at}`, part]))
  const set = cedar.preparsePolicySet(slot, { staticPolicies: { base, ...statements } })
  if (set.type === 'failure') return broken(set.errors[0]?.message ?? 'The text cannot be read.')
  const reasonOf = (id: string): readonly string[] => {
    const read = cedar.policyToJson(statements[id] ?? '')
    const reason = read.type === 'success' ? read.json.annotations?.['reason'] : undefined
    return reason ? [reason] : []
  }
  return tests.map(({ id, expected, request }) => {
    const answer = cedar.statefulIsAuthorized({
      ...request,
      preparsedPolicySetId: slot,
      preparsedSchemaName: slot,
      validateRequest: true,
    } as never)
    if (answer.type === 'failure') return erring(id, answer.errors[0]?.message ?? 'refused')
    const { decision, diagnostics } = answer.response
    // An erring `forbid` is skipped by the engine, which then allows: where it is enforced, an error denies (P18).
    const [fault] = diagnostics.errors
    if (fault) return erring(id, fault.error.message)
    const verdict = decision === 'allow' ? 'permitted' : 'denied'
    const reasons = verdict === 'denied' ? diagnostics.reason.flatMap(reasonOf) : []
    return { testId: id, verdict, passes: verdict === expected, reasons }
  })
}

const erring = (testId: string, why: string): TestVerdict => ({
  testId,
  verdict: 'error',
  passes: false,
  reasons: [why],
})
