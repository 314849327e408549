import { Worker } from 'node:worker_threads'
import type { Db } from '../../db/connect.ts'
import { takeTurns } from '../../db/turns.ts'
import { claimReplay, endReplay, requeueStranded, usageIsDue } from './store.ts'
import type { Task } from './worker.ts'

export interface ReplayRunner {
  /** There is one to run, as soon as its transaction has committed. */
  wake(): void
  /** Resolves when nothing waits any more; for tests and benchmarks. */
  settled(): Promise<void>
  close(): Promise<void>
}

interface RunnerParts {
  readonly db: Db
  readonly databaseUrl: string
  readonly onError: (error: unknown) => void
  /** How often this server looks for what other servers have left, and for policies to count anew. */
  readonly everyMs?: number
}

const longestMs = 10 * 60_000

/**
 * Runs replays one at a time in a thread of their own, so that the console stays quick, and a draft that stops the engine
 * stops nothing else. The queue is in the database: any server may run what another was asked for.
 */
export function createReplayRunner(parts: RunnerParts): ReplayRunner {
  const { db, databaseUrl, onError, everyMs = 20_000 } = parts
  let worker: Worker | undefined

  const work = (task: Task) =>
    new Promise<string | undefined>((ended) => {
      let fault: string | undefined
      const made = new Worker(new URL('./worker.ts', import.meta.url), {
        workerData: task,
        // Little room for what is young, so that what a slice leaves behind is collected at once.
        resourceLimits: {
          stackSizeMb: 64,
          maxOldGenerationSizeMb: 256,
          maxYoungGenerationSizeMb: 8,
        },
      })
      worker = made
      const late = setTimeout(() => {
        fault = 'It took longer than ten minutes. Choose fewer days, or a slice.'
        void made.terminate()
      }, longestMs)
      made.on('error', (error) => {
        fault ??= 'The policy engine could not evaluate the set.'
        onError(error)
      })
      made.on('exit', () => {
        clearTimeout(late)
        worker = undefined
        ended(fault)
      })
    })

  let lookedAt = performance.now()
  const turns = takeTurns({
    everyMs,
    onError,
    async work(signal) {
      // Not with every replay that is asked for: what others have left, and policies that changed, may wait a while.
      if (performance.now() - lookedAt > everyMs / 2) {
        lookedAt = performance.now()
        await requeueStranded(db)
        if (await usageIsDue(db)) await work({ databaseUrl })
      }
      while (!signal.aborted) {
        const id = await claimReplay(db)
        if (id === undefined) return
        const fault = await work({ databaseUrl, replayId: id })
        if (!signal.aborted) await endReplay(db, id, fault ?? null)
      }
    },
  })
  const anyOpen = async () =>
    (await db
      .selectFrom('replay')
      .where('state', 'in', ['waiting', 'running'])
      .select('id')
      .executeTakeFirst()) !== undefined

  return {
    wake: turns.wake,
    settled: () => turns.settled(anyOpen),
    async close() {
      const ended = turns.close()
      await worker?.terminate()
      await ended
    },
  }
}
