import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { nextDay } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { PrintButton } from '../../ui/PrintButton.tsx'
import { TimeRange } from '../../ui/TimeRange.tsx'
import { PostureTrend } from './PostureTrend.tsx'
import { PrivilegedTrend } from './PrivilegedTrend.tsx'
import { RefusalTrend } from './RefusalTrend.tsx'
import { RequestTrend } from './RequestTrend.tsx'
import { RiskTabs } from './RiskTabs.tsx'

export const handle = { crumb: 'Risk trends' }

/** What a chart of the page is given: the one range of all, and what a brush over it sets. */
export interface TrendProps {
  readonly range: { readonly from?: string; readonly until?: string }
  readonly onRange: (from: string, until: string) => void
}

export function Component() {
  const [{ from, until }, setRange] = useQueryState('risk.refusals')
  const me = useQuery(query('me.view', {})).data
  const may = (permission: string) => me?.may.some((one) => one.permission === permission) ?? false
  const shared: TrendProps = {
    range: { ...(from && { from }), ...(until && { until }) },
    // The last day that the brush touches is meant whole.
    onRange: (first, last) => setRange({ from: first, until: nextDay(last) }),
  }
  return (
    <Page
      title="Risk trends"
      purpose="What moved the score, who could do what, what was refused and how fast people were answered: by day, all over one time. Drag across a chart to look closer."
      tabs={<RiskTabs />}
      action={
        <Group gap="xs" className="sp-screen">
          <TimeRange from={from} until={until} onChange={setRange} unset="Last 30 days" />
          <PrintButton />
        </Group>
      }
    >
      <PostureTrend {...shared} />
      {may('grant:view') && <PrivilegedTrend {...shared} />}
      {may('decision:view') && <RefusalTrend {...shared} />}
      {may('request:view') && <RequestTrend {...shared} />}
    </Page>
  )
}
