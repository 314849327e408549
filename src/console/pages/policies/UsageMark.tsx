import type { PolicyUsage } from '../../../contract/policies.ts'
import { num } from '../../ui/format.ts'
import { Status } from '../../ui/Status.tsx'

type Uses = Pick<PolicyUsage, 'applies' | 'denies'>

/** What stands out: a rule that never fired is dead or right by luck, one that always fires admits nobody. */
function markOf({ applies, denies }: Uses, fired: boolean) {
  if (denies === 0 && fired) return null
  if (applies === 0) return <Status is="unknown">Applies to nothing</Status>
  if (denies === 0) return <Status is="low">Never fired</Status>
  if (denies === applies) return <Status is="would">Denies all</Status>
  return null
}

interface UsageMarkProps {
  readonly usage: Uses | null
  /** It is on record that it denied something: uses are counted every six hours. */
  readonly fired?: boolean
}

/** How much of what a rule applies to it denies, in ninety days, with a mark on what is always or never. */
export function UsageMark({ usage, fired = false }: UsageMarkProps) {
  if (!usage) return <span className="sp-dim">–</span>
  return (
    <>
      {markOf(usage, fired)}{' '}
      <span className="sp-num">
        {num(usage.denies)} of {num(usage.applies)}
      </span>
    </>
  )
}
