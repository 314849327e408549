import { Worker } from 'node:worker_threads'
import type { Task } from './worker.ts'

interface ReplayThread {
  /** Resolves with what kept it from being done, or with nothing. One task at a time. */
  work(task: Task): Promise<string | undefined>
  close(): Promise<void>
}

interface ThreadParts {
  readonly databaseUrl: string
  readonly onError: (error: unknown) => void
}

interface Working {
  fault: string | undefined
  readonly late: NodeJS.Timeout
  readonly ended: (fault: string | undefined) => void
}

const longestMs = 10 * 60_000
/** To load the engine takes most of a second, and most replays are followed by another; memory is not kept for longer. */
const keptMs = 30_000

/** A thread that is started for the first task, and anew for the next one after it has died of one or was long unused. */
export function createReplayThread({ databaseUrl, onError }: ThreadParts): ReplayThread {
  let worker: Worker | undefined
  let working: Working | undefined
  let unused: NodeJS.Timeout | undefined

  const finish = () => {
    if (!working) return
    const { late, ended, fault } = working
    clearTimeout(late)
    working = undefined
    ended(fault)
  }
  const end = async () => {
    const open = worker
    worker = undefined
    await open?.terminate()
  }
  const start = (): Worker => {
    const made = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: databaseUrl,
      // Little room for what is young, so that what a slice leaves behind is collected at once.
      resourceLimits: {
        stackSizeMb: 64,
        maxOldGenerationSizeMb: 256,
        maxYoungGenerationSizeMb: 8,
      },
    })
    made.on('message', () => {
      // One that waits does not keep the server from ending.
      made.unref()
      unused = setTimeout(() => void end(), keptMs).unref()
      finish()
    })
    made.on('error', (error) => {
      if (working) working.fault ??= 'The policy engine could not evaluate the set.'
      onError(error)
    })
    made.on('exit', () => {
      if (worker === made) worker = undefined
      finish()
    })
    return made
  }

  return {
    work: (task) =>
      new Promise((ended) => {
        clearTimeout(unused)
        const made = (worker ??= start())
        made.ref()
        const late = setTimeout(() => {
          if (working) {
            working.fault = 'It took longer than ten minutes. Choose fewer days, or a slice.'
          }
          void made.terminate()
        }, longestMs)
        working = { fault: undefined, late, ended }
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of ours, no window: there are no origins
        made.postMessage(task)
      }),
    async close() {
      clearTimeout(unused)
      await end()
    },
  }
}
