import type { Grant } from '../../../contract/grants.ts'
import { Status } from '../../ui/Status.tsx'

export const states = [
  { value: 'live', label: 'Live' },
  { value: 'scheduled', label: 'Begins later' },
  { value: 'expired', label: 'Expired' },
  { value: 'ended', label: 'Revoked' },
  { value: 'any', label: 'Any' },
]

/** Expired by itself and revoked by somebody are told apart. */
export function GrantStateBadge({ state }: { readonly state: Grant['state'] }) {
  if (state === 'live') return <Status is="permitted">Live</Status>
  if (state === 'scheduled') return <Status is="info">Begins later</Status>
  if (state === 'expired') return <Status is="unknown">Expired</Status>
  return <Status is="denied">Revoked</Status>
}
