import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { MovedList } from './MovedList.tsx'
import { ScoreChart } from './ScoreChart.tsx'
import type { TrendProps } from './use-risk-range.ts'

/** The score by day, and the findings that moved it. */
export function PostureTrend({ range, onRange }: TrendProps) {
  const { data, error } = useQuery({
    ...query('risk.posture', range),
    placeholderData: keepPreviousData,
  })
  if (error) return <ProblemNotice error={error} />
  return (
    <>
      <ScoreChart title="Score of the organization, by day" posture={data} onRange={onRange}>
        <Link to={paths.risk(range)}>Its arithmetic</Link>
      </ScoreChart>
      {data && <MovedList moved={data.moved} more={data.more} />}
    </>
  )
}
