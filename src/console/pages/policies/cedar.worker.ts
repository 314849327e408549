import initCedar, * as cedar from '@cedar-policy/cedar-wasm/web'
import { validatePolicy } from '../../../contract/policy-check.ts'
import type { PolicyCheck } from '../../../contract/policies.ts'
import { runPolicyTests, type TestAsked } from '../../../contract/policy-test-run.ts'
import type { TestVerdict } from '../../../contract/policy-tests.ts'

/** What the page asks; the schema comes with each question, so that the worker needs no session of its own. */
export interface CheckAsked {
  readonly id: number
  readonly schema: string
  readonly text: string
  readonly tests: readonly TestAsked[]
}
export interface CheckAnswered {
  readonly id: number
  /** Absent when the engine could not be loaded, or died of the text: the page then starts another. */
  readonly check?: PolicyCheck
  readonly verdicts?: readonly TestVerdict[]
}

const ready = initCedar()

addEventListener('message', ({ data }: MessageEvent<CheckAsked>) => {
  const answer = (answered: CheckAnswered) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker of ours, no window: there are no origins
    postMessage(answered)
  }
  ready
    .then(() => {
      const { id, schema, text, tests } = data
      const check = validatePolicy(cedar, schema, text)
      return answer({ id, check, verdicts: runPolicyTests(cedar, schema, text, tests) })
    })
    .catch(() => answer({ id: data.id }))
})
