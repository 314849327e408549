import type { CheckStatus } from '../../../contract/pipelines.ts'
import { Status } from '../../ui/Status.tsx'
import { statuses } from './check-status.ts'

export function CheckStatusBadge({
  status,
  wouldFail,
}: {
  status: CheckStatus
  wouldFail?: boolean
}) {
  const { is, word } = statuses[status]
  if (status === 'PASS' && wouldFail) return <Status is="would">Passed, would fail</Status>
  return <Status is={is}>{word}</Status>
}
