import type { Lease } from '../../../contract/leases.ts'
import { Status, type Meaning } from '../../ui/Status.tsx'

const states: Record<Lease['state'], { is: Meaning; word: string }> = {
  issued: { is: 'info', word: 'Live' },
  redeemed: { is: 'permitted', word: 'Redeemed' },
  revoked: { is: 'denied', word: 'Revoked' },
  expired: { is: 'unknown', word: 'Expired' },
}

/** A lease that was shown again after it was redeemed is in two hands, whatever its state. */
export function LeaseStateBadge({ lease }: { readonly lease: Pick<Lease, 'state' | 'replays'> }) {
  if (lease.replays > 0) return <Status is="critical">Shown twice</Status>
  const { is, word } = states[lease.state]
  return <Status is={is}>{word}</Status>
}
