import { paths } from '../../paths.ts'
import { RouteTabs } from '../../ui/RouteTabs.tsx'

/** The ways to look at decisions: one by one, by project and context, and before they are made. */
export function DecisionTabs() {
  return (
    <RouteTabs
      label="Decisions"
      tabs={[
        { label: 'Recorded', to: paths.decisions(), end: true },
        { label: 'Project × context', to: paths.decisionMap() },
        { label: 'Simulator', to: paths.decisionSimulator() },
      ]}
    />
  )
}
