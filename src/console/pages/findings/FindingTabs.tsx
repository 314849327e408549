import { paths } from '../../paths.ts'
import { RouteTabs } from '../../ui/RouteTabs.tsx'

export function FindingTabs() {
  return (
    <RouteTabs
      label="Findings"
      tabs={[
        { label: 'Findings', to: paths.findings(), end: true },
        { label: 'Detections', to: paths.findingDetections() },
      ]}
    />
  )
}
