import { paths } from '../../paths.ts'
import { RouteTabs } from '../../ui/RouteTabs.tsx'
import { useRiskRange } from './use-risk-range.ts'

export function RiskTabs() {
  const { range } = useRiskRange()
  return (
    <RouteTabs
      label="Risk"
      tabs={[
        { label: 'Score', to: paths.risk(range), end: true },
        { label: 'Trends', to: paths.riskTrends(range) },
        { label: 'Exposure', to: paths.riskExposure(range) },
      ]}
    />
  )
}
