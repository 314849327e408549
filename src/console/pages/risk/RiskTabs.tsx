import { paths } from '../../paths.ts'
import { RouteTabs } from '../../ui/RouteTabs.tsx'

export function RiskTabs() {
  return (
    <RouteTabs
      label="Risk"
      tabs={[
        { label: 'Score', to: paths.risk(), end: true },
        { label: 'Trends', to: paths.riskTrends() },
        { label: 'Exposure', to: paths.riskExposure() },
      ]}
    />
  )
}
