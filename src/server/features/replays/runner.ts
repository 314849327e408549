import type { Db } from '../../db/connect.ts'
import { takeTurns } from '../../db/turns.ts'
import { createEngineThread } from '../../decision/engine-thread.ts'
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

const said = {
  late: 'It took longer than ten minutes. Choose fewer days, or a slice.',
  died: 'The policy engine could not evaluate the set.',
  closed: 'The server is closing.',
}

/**
 * Runs replays one at a time in a thread of their own, so that the console stays quick, and a draft that stops the engine
 * stops nothing else. The queue is in the database: any server may run what another was asked for.
 */
export function createReplayRunner(parts: RunnerParts): ReplayRunner {
  const { db, databaseUrl, onError, everyMs = 20_000 } = parts
  const thread = createEngineThread<Task, 'done'>({
    program: new URL('./worker.ts', import.meta.url),
    workerData: databaseUrl,
    // Little room for what is young, so that what a slice leaves behind is collected at once.
    limits: { stackSizeMb: 64, maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 },
    longestMs: 10 * 60_000,
    // To load the engine takes most of a second, and most replays are followed by another; memory is not kept for longer.
    keptMs: 30_000,
    onError,
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
        if (await usageIsDue(db)) await thread.ask({})
      }
      while (!signal.aborted) {
        const id = await claimReplay(db)
        if (id === undefined) return
        const done = await thread.ask({ replayId: id })
        if (!signal.aborted) await endReplay(db, id, 'ended' in done ? said[done.ended] : null)
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
      await thread.close()
      await ended
    },
  }
}
