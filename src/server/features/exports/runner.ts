import type { Database } from '../../db/connect.ts'
import { takeTurns } from '../../db/turns.ts'
import { runExport, type RunParts } from './run.ts'
import { claimExport, requeueStranded } from './store.ts'

export interface ExportRunner {
  /** There is one to make, as soon as its transaction has committed. */
  wake(): void
  /** Resolves when nothing waits any more; for tests and benchmarks. */
  settled(): Promise<void>
  close(): Promise<void>
}

interface RunnerParts extends RunParts {
  /** How often this server looks for what other servers have left. */
  readonly everyMs?: number
}

const anyOpen = async (db: Database) =>
  (await db
    .selectFrom('export')
    .select('id')
    .where('state', 'in', ['waiting', 'running'])
    .executeTakeFirst()) !== undefined

/**
 * Makes files one at a time, each read by single statements in the memory of one piece. The queue is in the database: any
 * server makes what another was asked for, and goes on with what another left.
 */
export function createExportRunner(parts: RunnerParts): ExportRunner {
  const { db, onError, everyMs = 15_000 } = parts
  const turns = takeTurns({
    everyMs,
    onError,
    async work(signal) {
      await requeueStranded(db)
      while (!signal.aborted) {
        const claimed = await claimExport(db)
        if (!claimed) return
        await runExport(parts, claimed, signal)
      }
    },
  })
  turns.wake()

  return {
    wake: turns.wake,
    settled: () => turns.settled(() => anyOpen(db)),
    close: turns.close,
  }
}
