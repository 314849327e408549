import { workerData } from 'node:worker_threads'
import { connect } from '../../db/connect.ts'
import { runReplay } from './run.ts'
import { countUsage } from './usage.ts'

/** What a thread is started for; it ends when that is done. */
export interface Task {
  readonly databaseUrl: string
  /** Absent: what the policies in force did is counted. */
  readonly replayId?: string
}

const { databaseUrl, replayId } = workerData as Task
const db = connect(databaseUrl, { role: 'sallyport_app', max: 1, statementTimeoutMs: 60_000 })
try {
  await (replayId ? runReplay(db, replayId) : countUsage(db))
} finally {
  await db.destroy()
}
