import { Status } from '../ui/Status.tsx'

/** In one word what a change does to what was decided; what opens is said first, for somebody must answer for it. */
export function Turns({ denied, permitted }: { denied: number; permitted: number }) {
  if (permitted > 0) return <Status is="would">Opens</Status>
  if (denied > 0) return <Status is="denied">Denies</Status>
  return <Status is="good">Turns nothing</Status>
}
