import type { OutputOf } from '../../../contract/index.ts'
import { count } from '../../ui/format.ts'
import { Status } from '../../ui/Status.tsx'

type Health = OutputOf<'issuers.health'>

/** Whether the issuer's keys are at hand on this server: without any, none of its tokens can be verified. */
export function HealthBadge({ health }: { readonly health: Health }) {
  if (health.state === 'reachable') {
    return <Status is="good">{count(health.keys, 'key')} at hand</Status>
  }
  if (health.state === 'not_asked') return <Status is="unknown">Not asked yet</Status>
  return (
    <span title={health.fault ?? undefined}>
      <Status is={health.keys > 0 ? 'medium' : 'high'}>
        {health.keys > 0 ? 'Out of reach, old keys used' : 'Out of reach'}
      </Status>
    </span>
  )
}
