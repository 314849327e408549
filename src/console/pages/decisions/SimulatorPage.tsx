import { RunSimulator } from '../../parts/RunSimulator.tsx'
import { Page } from '../../ui/Page.tsx'
import { DecisionTabs } from './DecisionTabs.tsx'

export const handle = { crumb: 'Simulator' }

export function Component() {
  return (
    <Page
      title="Simulator"
      purpose="What would be decided about a run that you imagine, clause by clause. Nothing is recorded, and no secret is given."
      tabs={<DecisionTabs />}
    >
      <RunSimulator />
    </Page>
  )
}
