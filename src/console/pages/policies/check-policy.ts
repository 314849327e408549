import type { PolicyCheck } from '../../../contract/policies.ts'
import { brokenLimit } from '../../../contract/policy-limits.ts'
import { call, query } from '../../api/client.ts'
import { queryClient } from '../../query-client.ts'
import { runPolicyTests, type TestAsked } from '../../../contract/policy-test-run.ts'
import type { TestVerdict } from '../../../contract/policy-tests.ts'
import type { CheckAnswered, CheckAsked } from './cedar.worker.ts'
// oxlint-disable-next-line import/default -- Vite makes this module: the address of the worker's script
import workerUrl from './cedar.worker.ts?worker&url'

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string }
}
const trusted = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy(
  'sallyport-worker',
  {
    createScriptURL(url) {
      if (url === workerUrl) return url
      throw new TypeError('no worker of this console')
    },
  },
)

let worker: Worker | undefined
let count = 0
const waiting = new Map<number, (answered: CheckAnswered) => void>()

/** The worker is gone, or its engine is: whoever waits is told, and the next question starts another. */
function give() {
  worker?.terminate()
  worker = undefined
  for (const [id, answer] of waiting) answer({ id })
  waiting.clear()
}

function started(): Worker {
  if (worker) return worker
  worker = new Worker(trusted?.createScriptURL(workerUrl) ?? workerUrl, { type: 'module' })
  worker.addEventListener('message', ({ data }: MessageEvent<CheckAnswered>) => {
    waiting.get(data.id)?.(data)
    waiting.delete(data.id)
    if (!data.check) give()
  })
  worker.addEventListener('error', give)
  return worker
}

function ask(
  schema: string,
  text: string,
  tests: readonly TestAsked[] = [],
): Promise<CheckAnswered> {
  const asked: CheckAsked = { id: ++count, schema, text, tests }
  return new Promise((resolve) => {
    const late = setTimeout(give, 10_000)
    waiting.set(asked.id, (answered) => {
      clearTimeout(late)
      resolve(answered)
    })
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker of ours, no window: there are no origins
    started().postMessage(asked)
  })
}

const known = new Map<string, Promise<PolicyCheck>>()

/**
 * What is wrong with a text, by the server's engine in a worker; by the server itself where the browser cannot run it.
 * The last texts are remembered: the underlining and the list beside it ask the same.
 */
export function checkPolicy(text: string): Promise<PolicyCheck> {
  const before = known.get(text)
  if (before) return before
  const limit = brokenLimit(text)
  const check = limit
    ? Promise.resolve({ problems: [limit], actions: [], valid: false })
    : queryClient
        .ensureQueryData(query('policies.schema', {}))
        .then((schema) => ask(schema.text, text))
        .then(({ check }) => check ?? call('policies.validate', { text }))
  known.set(text, check)
  check.catch(() => known.delete(text))
  for (const old of [...known.keys()].slice(0, -20)) known.delete(old)
  return check
}

/** What a text says to a policy's tests, by the same engine; by the server's where the browser cannot run it. */
export async function testPolicy(
  policyId: string,
  text: string,
  tests: readonly TestAsked[],
): Promise<readonly TestVerdict[]> {
  const schema = await queryClient.ensureQueryData(query('policies.schema', {}))
  // A text beyond the limits stops the engine: the tests say so without asking it.
  if (brokenLimit(text)) return runPolicyTests(undefined as never, schema.text, text, tests)
  const { verdicts } = await ask(schema.text, text, tests)
  return verdicts ?? (await call('policyTests.run', { policyId, text })).verdicts
}
