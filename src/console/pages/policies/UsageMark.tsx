import type { PolicyUsage } from '../../../contract/policies.ts'
import { num } from '../../ui/format.ts'
import { Status } from '../../ui/Status.tsx'

/** What stands out: a rule that never fired is dead or right by luck, one that always fires admits nobody. */
function markOf({ applies, denies }: Pick<PolicyUsage, 'applies' | 'denies'>) {
  if (applies === 0) return <Status is="unknown">Applies to nothing</Status>
  if (denies === 0) return <Status is="low">Never fired</Status>
  if (denies === applies) return <Status is="would">Denies all</Status>
  return null
}

/** How much of what a rule applies to it denies, in ninety days, with a mark on what is always or never. */
export function UsageMark({ usage }: { usage: Pick<PolicyUsage, 'applies' | 'denies'> | null }) {
  if (!usage) return <span className="sp-dim">–</span>
  return (
    <>
      {markOf(usage)}{' '}
      <span className="sp-num">
        {num(usage.denies)} of {num(usage.applies)}
      </span>
    </>
  )
}
