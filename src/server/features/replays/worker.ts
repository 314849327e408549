import { parentPort, workerData } from 'node:worker_threads'
import { connect } from '../../db/connect.ts'
import { runReplay } from './run.ts'
import { countUsage } from './usage.ts'

/** What the thread is asked; it answers when that is done, and dies of what it cannot do. */
export interface Task {
  /** Absent: what the policies in force did is counted. */
  readonly replayId?: string
}

const db = connect(workerData as string, {
  role: 'sallyport_app',
  max: 1,
  statementTimeoutMs: 60_000,
})

async function carryOut({ replayId }: Task): Promise<void> {
  await (replayId ? runReplay(db, replayId) : countUsage(db))
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of ours, no window: there are no origins
  parentPort?.postMessage('done')
}

parentPort?.on('message', (task: Task) => void carryOut(task))
