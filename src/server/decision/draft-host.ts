import { Worker } from 'node:worker_threads'
import { schemaText } from './cedar.ts'
import { brokenLimit } from '../../contract/policy-limits.ts'
import type { PolicyCheck } from '../../contract/policies.ts'
import type { TestAsked } from '../../contract/policy-test-run.ts'
import type { TestVerdict } from '../../contract/policy-tests.ts'

interface Drafted {
  readonly check: PolicyCheck
  readonly verdicts: readonly TestVerdict[]
}

export interface DraftHost {
  /** Never rejects: text that stops the engine, or takes too long, is a text with an error. */
  check(text: string): Promise<PolicyCheck>
  /** What the text says to each test; never rejects either: what stops the engine passes no test. */
  test(text: string, tests: readonly TestAsked[]): Promise<readonly TestVerdict[]>
  close(): Promise<void>
}

interface Waiting {
  readonly answer: (drafted: Drafted) => void
  readonly timer: NodeJS.Timeout
  readonly text: string
  readonly tests: readonly TestAsked[]
}

const refusal = ({ text, tests }: Pick<Waiting, 'text' | 'tests'>, message: string): Drafted => ({
  check: {
    problems: [{ severity: 'error', message, from: 0, to: text.length }],
    actions: [],
    valid: false,
  },
  verdicts: tests.map(({ id }) => ({
    testId: id,
    verdict: 'error',
    passes: false,
    reasons: [message],
  })),
})

/** Checks drafts in a thread of their own, which may die of them and is then replaced. One text at a time. */
export function createDraftHost({ timeoutMs = 5_000 }: { timeoutMs?: number } = {}): DraftHost {
  let worker: Worker | undefined
  let waiting: Waiting | undefined
  let queue: Promise<unknown> = Promise.resolve()

  const finish = (drafted: (asked: Waiting) => Drafted) => {
    if (!waiting) return
    clearTimeout(waiting.timer)
    waiting.answer(drafted(waiting))
    waiting = undefined
  }
  const start = (): Worker => {
    const made = new Worker(new URL('./draft-worker.ts', import.meta.url), {
      workerData: { schema: schemaText },
      resourceLimits: { stackSizeMb: 64, maxOldGenerationSizeMb: 256 },
    })
    made.unref()
    made.on('message', (drafted: Drafted) => finish(() => drafted))
    made.on('error', () => {})
    made.on('exit', () => {
      if (worker !== made) return
      worker = undefined
      finish((asked) =>
        refusal(asked, 'The policy engine could not read this text. Make it simpler.'),
      )
    })
    return made
  }
  const run = (text: string, tests: readonly TestAsked[]) =>
    new Promise<Drafted>((answer) => {
      const timer = setTimeout(() => {
        const stuck = worker
        worker = undefined
        finish((asked) => refusal(asked, 'Checking this policy took too long. Make it simpler.'))
        void stuck?.terminate()
      }, timeoutMs)
      waiting = { answer, timer, text, tests }
      worker ??= start()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of ours, no window: there are no origins
      worker.postMessage({ text, tests })
    })
  const ask = (text: string, tests: readonly TestAsked[]): Promise<Drafted> => {
    const limit = brokenLimit(text)
    if (limit) {
      const { verdicts } = refusal({ text, tests }, limit.message)
      return Promise.resolve({ check: { problems: [limit], actions: [], valid: false }, verdicts })
    }
    const answered = queue.then(() => run(text, tests))
    queue = answered
    return answered
  }

  return {
    check: async (text) => (await ask(text, [])).check,
    test: async (text, tests) => (tests.length === 0 ? [] : (await ask(text, tests)).verdicts),
    async close() {
      const open = worker
      worker = undefined
      finish((asked) => refusal(asked, 'The server is closing.'))
      await open?.terminate()
    },
  }
}
