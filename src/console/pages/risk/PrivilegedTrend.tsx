import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { compared, num } from '../../ui/format.ts'
import { daySeconds } from '../../ui/chart-times.ts'
import { TimeChart } from '../../ui/TimeChart.tsx'
import type { TrendProps } from './use-risk-range.ts'

const series = [
  { key: 'standing', label: 'Without an end' },
  { key: 'ending', label: 'Ends by itself' },
  { key: 'requested', label: 'Asked for' },
] as const

/** Standing access beside access that was asked for and ends. */
export function PrivilegedTrend({ range, onRange }: TrendProps) {
  const { data, error } = useQuery({
    ...query('risk.privileged', range),
    placeholderData: keepPreviousData,
  })
  if (error) return <ProblemNotice error={error} />
  return (
    <>
      <TimeChart
        level
        title="Privileged grants, standing and for a time"
        series={series}
        points={data?.points}
        bucketSeconds={daySeconds}
        onRange={onRange}
      />
      {data && (
        <p className="sp-dim">
          At its end {num(data.now.standing)} without an end (
          {compared(data.now.standing, data.before.standing)}), {num(data.now.ending)} with one (
          {compared(data.now.ending, data.before.ending)}), {num(data.now.requested)} from a request
          ({compared(data.now.requested, data.before.requested)}). First administrators and leavers
          count. <Link to={paths.grants({ withoutExpiry: true })}>Grants without an end</Link>
        </p>
      )}
    </>
  )
}
