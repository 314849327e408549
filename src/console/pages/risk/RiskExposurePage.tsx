import { useQuery } from '@tanstack/react-query'
import { query } from '../../api/client.ts'
import { Page } from '../../ui/Page.tsx'
import { PrintButton } from '../../ui/PrintButton.tsx'
import { FindingHeat } from './FindingHeat.tsx'
import classes from './risk.module.css'
import { RiskTabs } from './RiskTabs.tsx'
import { SecretExposure } from './SecretExposure.tsx'

export const handle = { crumb: 'Exposure' }

export function Component() {
  const me = useQuery(query('me.view', {})).data
  const sees = me?.may.some(({ permission }) => permission === 'context:view') ?? false
  return (
    <Page
      title="Exposure"
      purpose="Where the risk lies now: which projects have open findings of which kind, and how old secrets are beside how many projects reach them."
      tabs={<RiskTabs />}
      action={<PrintButton />}
    >
      <div className={classes.columns}>
        <FindingHeat />
        {sees && (
          <div className={classes.stack}>
            <SecretExposure />
          </div>
        )}
      </div>
    </Page>
  )
}
