import type { Export } from '../../../contract/exports.ts'
import { Progress } from '../../ui/Progress.tsx'
import { Status, type Meaning } from '../../ui/Status.tsx'
import { exportNouns } from '../../parts/export-words.ts'

const states: Record<Export['state'], { is: Meaning; word: string }> = {
  waiting: { is: 'unknown', word: 'Waits' },
  running: { is: 'info', word: 'Runs' },
  done: { is: 'good', word: 'Done' },
  failed: { is: 'denied', word: 'Failed' },
  cancelled: { is: 'plain', word: 'Cancelled' },
  expired: { is: 'plain', word: 'Expired' },
}

/** How far a file is; and where it failed, why and what helps. */
export function ExportProgress({ of: { what, state, done, total, fault } }: { of: Export }) {
  if (state === 'running' && total !== null && total > 0) {
    return (
      <Progress label={`${exportNouns[what]}: rows`} done={Math.min(done, total)} total={total} />
    )
  }
  return (
    <>
      <Status is={states[state].is}>{states[state].word}</Status>
      {fault !== null && <div className="sp-dim">{fault}</div>}
    </>
  )
}
