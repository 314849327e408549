import { Page } from '../../ui/Page.tsx'
import { PostureTrend } from './PostureTrend.tsx'
import { PrivilegedTrend } from './PrivilegedTrend.tsx'
import { RefusalTrend } from './RefusalTrend.tsx'
import { RequestTrend } from './RequestTrend.tsx'
import { ReviewTrend } from './ReviewTrend.tsx'
import { RiskRange } from './RiskRange.tsx'
import { RiskTabs } from './RiskTabs.tsx'
import { useRiskRange } from './use-risk-range.ts'
import { useMay } from '../../parts/use-may.ts'

export const handle = { crumb: 'Risk trends' }

export function Component() {
  const { range, onRange } = useRiskRange()
  const shared = { range, onRange }
  const may = useMay()
  return (
    <Page
      title="Risk trends"
      purpose="What moved the score, who could do what, what was refused, how fast people were answered and whether access was reviewed: by day, all over one time. Drag across a chart to look closer."
      tabs={<RiskTabs />}
      action={<RiskRange />}
    >
      <PostureTrend {...shared} />
      {may('grant:view') && <PrivilegedTrend {...shared} />}
      {may('decision:view') && <RefusalTrend {...shared} />}
      {may('request:view') && <RequestTrend {...shared} />}
      {may('review:view') && <ReviewTrend {...shared} />}
    </Page>
  )
}
