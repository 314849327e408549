import { useQueryState } from '../../api/use-query-state.ts'
import { nextDay } from '../../ui/format.ts'

/** What a chart of risk is given: the one range of all, and what a brush over it sets. */
export interface TrendProps {
  readonly range: { readonly from?: string; readonly until?: string }
  readonly onRange: (from: string, until: string) => void
}

/** The one range of all charts of risk, kept in the URL from tab to tab. */
export function useRiskRange() {
  const [{ from, until }, setRange] = useQueryState('risk.refusals')
  const shared: TrendProps = {
    range: { ...(from && { from }), ...(until && { until }) },
    // The last day that the brush touches is meant whole.
    onRange: (first, last) => setRange({ from: first, until: nextDay(last) }),
  }
  return { ...shared, setRange }
}
