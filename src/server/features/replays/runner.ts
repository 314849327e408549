import type { Db } from '../../db/connect.ts'
import { takeTurns } from '../../db/turns.ts'
import { claimReplay, endReplay, requeueStranded, usageIsDue } from './store.ts'
import { createReplayThread } from './thread.ts'

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

/**
 * Runs replays one at a time in a thread of their own, so that the console stays quick, and a draft that stops the engine
 * stops nothing else. The queue is in the database: any server may run what another was asked for.
 */
export function createReplayRunner(parts: RunnerParts): ReplayRunner {
  const { db, databaseUrl, onError, everyMs = 20_000 } = parts
  const thread = createReplayThread({ databaseUrl, onError })
  let lookedAt = performance.now()
  const turns = takeTurns({
    everyMs,
    onError,
    async work(signal) {
      // Not with every replay that is asked for: what others have left, and policies that changed, may wait a while.
      if (performance.now() - lookedAt > everyMs / 2) {
        lookedAt = performance.now()
        await requeueStranded(db)
        if (await usageIsDue(db)) await thread.work({})
      }
      while (!signal.aborted) {
        const id = await claimReplay(db)
        if (id === undefined) return
        const fault = await thread.work({ replayId: id })
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
      await thread.close()
      await ended
    },
  }
}
