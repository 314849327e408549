import { Worker } from 'node:worker_threads'
import { schemaText } from './cedar.ts'
import { brokenLimit } from '../../contract/policy-limits.ts'
import type { PolicyCheck } from '../../contract/policies.ts'

export interface DraftHost {
  /** Never rejects: text that stops the engine, or takes too long, is a text with an error. */
  check(text: string): Promise<PolicyCheck>
  close(): Promise<void>
}

interface Waiting {
  readonly answer: (check: PolicyCheck) => void
  readonly timer: NodeJS.Timeout
  readonly text: string
}

const refusal = (text: string, message: string): PolicyCheck => ({
  problems: [{ severity: 'error', message, from: 0, to: text.length }],
  actions: [],
  valid: false,
})

/** Checks drafts in a thread of their own, which may die of them and is then replaced. One text at a time. */
export function createDraftHost({ timeoutMs = 5_000 }: { timeoutMs?: number } = {}): DraftHost {
  let worker: Worker | undefined
  let waiting: Waiting | undefined
  let queue: Promise<unknown> = Promise.resolve()

  const finish = (check: (text: string) => PolicyCheck) => {
    if (!waiting) return
    clearTimeout(waiting.timer)
    waiting.answer(check(waiting.text))
    waiting = undefined
  }
  const start = (): Worker => {
    const made = new Worker(new URL('./draft-worker.ts', import.meta.url), {
      workerData: { schema: schemaText },
      resourceLimits: { stackSizeMb: 64, maxOldGenerationSizeMb: 256 },
    })
    made.unref()
    made.on('message', ({ check }: { check: PolicyCheck }) => finish(() => check))
    made.on('error', () => {})
    made.on('exit', () => {
      if (worker !== made) return
      worker = undefined
      finish((text) =>
        refusal(text, 'The policy engine could not read this text. Make it simpler.'),
      )
    })
    return made
  }
  const run = (text: string) =>
    new Promise<PolicyCheck>((answer) => {
      const timer = setTimeout(() => {
        const stuck = worker
        worker = undefined
        finish(() => refusal(text, 'Checking this policy took too long. Make it simpler.'))
        void stuck?.terminate()
      }, timeoutMs)
      waiting = { answer, timer, text }
      worker ??= start()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of ours, no window: there are no origins
      worker.postMessage({ id: 0, text })
    })

  return {
    check(text) {
      const limit = brokenLimit(text)
      if (limit) return Promise.resolve({ problems: [limit], actions: [], valid: false })
      const answered = queue.then(() => run(text))
      queue = answered
      return answered
    },
    async close() {
      const open = worker
      worker = undefined
      finish((text) => refusal(text, 'The server is closing.'))
      await open?.terminate()
    },
  }
}
