import { Worker, type ResourceLimits } from 'node:worker_threads'

/** Why a task has no answer: it took too long, the thread died of it, or it was closed. */
type Ended = 'late' | 'died' | 'closed'

export interface EngineThread<Task, Answer> {
  /** One task at a time, in their order. Never rejects. */
  ask(task: Task): Promise<{ readonly answer: Answer } | { readonly ended: Ended }>
  close(): Promise<void>
}

export interface EngineThreadOptions {
  /** What answers each message that it is sent by one of its own, and dies of what it cannot do. */
  readonly program: URL
  readonly workerData?: unknown
  readonly limits?: ResourceLimits
  /** How long a task may take. */
  readonly longestMs: number
  /** How long it waits for another task; for good unless said otherwise. */
  readonly keptMs?: number
  /** Told what it died of. */
  readonly onError?: (error: unknown) => void
}

interface Working {
  /** What is said where it ends without an answer. */
  ended: Ended
  readonly late: NodeJS.Timeout
  readonly done: (outcome: { answer: unknown } | { ended: Ended }) => void
}

/**
 * A thread of its own for a policy engine, that hostile text may stop or fill. It is started for the first task, and anew
 * for the next after it has died of one, was ended for being late, or was unused for long.
 */
export function createEngineThread<Task, Answer>(
  options: EngineThreadOptions,
): EngineThread<Task, Answer> {
  const { program, workerData, limits = {}, longestMs, keptMs, onError = () => {} } = options
  let worker: Worker | undefined
  let working: Working | undefined
  let unused: NodeJS.Timeout | undefined
  let closed = false
  let queue: Promise<unknown> = Promise.resolve()

  const finish = (outcome: (of: Working) => { answer: unknown } | { ended: Ended }) => {
    if (!working) return
    const of = working
    working = undefined
    clearTimeout(of.late)
    of.done(outcome(of))
  }
  const start = (): Worker => {
    const made = new Worker(program, { workerData, resourceLimits: limits })
    made.on('message', (answer: unknown) => {
      // One that waits does not keep the process from ending.
      made.unref()
      if (keptMs !== undefined) {
        unused = setTimeout(() => {
          worker = undefined
          void made.terminate()
        }, keptMs).unref()
      }
      finish(() => ({ answer }))
    })
    made.on('error', onError)
    made.on('exit', () => {
      // One that was unused has a follower by now, whose task is not its own.
      if (worker !== made) return
      worker = undefined
      finish(({ ended }) => ({ ended }))
    })
    return made
  }
  const run = (task: Task) =>
    new Promise<{ answer: unknown } | { ended: Ended }>((done) => {
      if (closed) return done({ ended: 'closed' })
      clearTimeout(unused)
      const own = (worker ??= start())
      own.ref()
      const late = setTimeout(() => {
        if (working) working.ended = 'late'
        void own.terminate()
      }, longestMs)
      working = { ended: 'died', late, done }
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of ours, no window: there are no origins
      own.postMessage(task)
    })

  return {
    ask(task) {
      const asked = queue.then(() => run(task))
      queue = asked
      return asked as Promise<{ answer: Answer } | { ended: Ended }>
    },
    async close() {
      closed = true
      clearTimeout(unused)
      if (working) working.ended = 'closed'
      await worker?.terminate()
    },
  }
}
