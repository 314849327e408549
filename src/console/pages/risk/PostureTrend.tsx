import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Posture } from '../../../contract/risk.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { num } from '../../ui/format.ts'
import { TimeChart } from '../../ui/TimeChart.tsx'
import { MovedList, signed } from './MovedList.tsx'
import type { TrendProps } from './RiskTrendsPage.tsx'

function told({ now, before }: Posture): string {
  if (now === null) return 'No score was recorded in this time.'
  if (before === null) return `${num(now)} of 100 at its end; none was recorded before.`
  const by = Math.round((now - before) * 100) / 100
  return `${num(now)} of 100 at its end, ${num(before)} before it began: ${signed(by)} points.`
}

/** The score by day, and the findings that moved it. */
export function PostureTrend({ range, onRange }: TrendProps) {
  const { data, error } = useQuery({
    ...query('risk.posture', range),
    placeholderData: keepPreviousData,
  })
  if (error) return <ProblemNotice error={error} />
  return (
    <>
      {/* A line through one day is none. */}
      {(!data || data.points.length > 1) && (
        <TimeChart
          level
          title="Score of the organization, by day"
          series={[{ key: 'score', label: 'Score', is: 'permitted' }]}
          points={data?.points}
          onRange={onRange}
        />
      )}
      {data && (
        <p className="sp-dim">
          Score: {told(data)} <Link to={paths.risk()}>Its arithmetic</Link>
        </p>
      )}
      {data && <MovedList moved={data.moved} more={data.more} />}
    </>
  )
}
