import { Worker } from 'node:worker_threads'
import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
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
  const stop = new AbortController()
  let worker: Worker | undefined
  let turning: Promise<void> | undefined
  let woken = 0

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

  const turn = async () => {
    // Woken inside of a transaction: what it is to run is there when that has committed.
    for (let idle = 0; idle < 20 && !stop.signal.aborted;) {
      const id = await claimReplay(db)
      if (id === undefined) {
        if (woken === 0) break
        idle++
        await new Promise((resolve) => setTimeout(resolve, 50))
        continue
      }
      idle = 0
      woken = Math.max(0, woken - 1)
      const fault = await work({ databaseUrl, replayId: id })
      if (!stop.signal.aborted) await endReplay(db, id, fault ?? null)
    }
    woken = 0
  }
  const begin = () => {
    if (stop.signal.aborted) return
    turning ??= turn()
      .catch(onError)
      .finally(() => {
        turning = undefined
        if (woken > 0) begin()
      })
  }
  const counted = async () => {
    await work({ databaseUrl })
    turning = undefined
  }
  const look = async () => {
    if (stop.signal.aborted || turning) return
    await requeueStranded(db)
    if (await usageIsDue(db)) {
      turning = counted()
      await turning
    }
    begin()
  }
  const timer = setInterval(() => void look().catch(onError), everyMs)
  timer.unref()

  return {
    wake() {
      woken++
      begin()
    },
    async settled() {
      for (;;) {
        await turning
        const open = await db
          .selectFrom('replay')
          .where('state', 'in', ['waiting', 'running'])
          .select(sql<number>`1`.as('one'))
          .executeTakeFirst()
        if (!open) return
        begin()
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    async close() {
      stop.abort()
      clearInterval(timer)
      await worker?.terminate()
      await turning
    },
  }
}
