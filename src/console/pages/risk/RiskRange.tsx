import { Group } from '@mantine/core'
import { PrintButton } from '../../ui/PrintButton.tsx'
import { TimeRange } from '../../ui/TimeRange.tsx'
import { useRiskRange } from './use-risk-range.ts'

/** The one range of all charts of risk, and how they are taken away on paper. */
export function RiskRange() {
  const { range, setRange } = useRiskRange()
  return (
    <Group gap="xs" className="sp-screen">
      <TimeRange from={range.from} until={range.until} onChange={setRange} unset="Last 30 days" />
      <PrintButton />
    </Group>
  )
}
