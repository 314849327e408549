import type { Policy } from '../../../contract/policies.ts'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { useNow } from '../../ui/use-now.ts'

/** Until when a policy is tried, marked where that is over. */
export function TriedUntil({ policy: { evaluateUntil } }: { policy: Policy }) {
  const now = useNow()
  const over = evaluateUntil !== null && Date.parse(evaluateUntil) < now
  const at = <Time at={evaluateUntil} never="–" />
  return over ? <Status is="would">{at}</Status> : at
}
