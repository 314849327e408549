import type { FindingRow } from '../../../contract/findings.ts'
import { Status } from '../../ui/Status.tsx'

/** What stands open is wrong; what somebody decided, or what is over, is told apart from it. */
export function FindingStateBadge({ state }: Pick<FindingRow, 'state'>) {
  if (state === 'open') return <Status is="denied">Open</Status>
  if (state === 'resolved') return <Status is="good">Resolved</Status>
  return state === 'muted' ? (
    <Status is="unknown">Muted</Status>
  ) : (
    <Status is="would">Accepted</Status>
  )
}
