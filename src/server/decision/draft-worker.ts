import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs'
import { validatePolicy } from '../../contract/policy-check.ts'
import { runPolicyTests, type TestAsked } from '../../contract/policy-test-run.ts'

// An instance of its own: a worker thread shares no WebAssembly memory with the one that decides.
const cedar = createRequire(import.meta.url)(
  '@cedar-policy/cedar-wasm/nodejs',
) as typeof CedarModule
const { schema } = workerData as { schema: string }

interface Asked {
  readonly text: string
  readonly tests: readonly TestAsked[]
}

parentPort?.on('message', ({ text, tests }: Asked) => {
  // A trap is thrown on: the thread ends with it, and its host starts another.
  const check = validatePolicy(cedar, schema, text)
  const verdicts = runPolicyTests(cedar, schema, text, tests)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of ours, no window: there are no origins
  parentPort?.postMessage({ check, verdicts })
})
