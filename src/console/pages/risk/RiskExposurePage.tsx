import { Page } from '../../ui/Page.tsx'
import { FindingHeat } from './FindingHeat.tsx'
import classes from './risk.module.css'
import { RiskRange } from './RiskRange.tsx'
import { RiskTabs } from './RiskTabs.tsx'
import { SecretExposure } from './SecretExposure.tsx'
import { useRiskRange } from './use-risk-range.ts'
import { useMay } from '../../parts/use-may.ts'

export const handle = { crumb: 'Exposure' }

export function Component() {
  const { range } = useRiskRange()
  const sees = useMay()('context:view')
  return (
    <Page
      title="Exposure"
      purpose="Where the risk lies: which projects have open findings of which kind and whether that became more, and how old secrets are beside how many projects reach them."
      tabs={<RiskTabs />}
      action={<RiskRange />}
    >
      <div className={classes.columns}>
        <FindingHeat range={range} />
        {sees && (
          <div className={classes.stack}>
            <SecretExposure />
          </div>
        )}
      </div>
    </Page>
  )
}
