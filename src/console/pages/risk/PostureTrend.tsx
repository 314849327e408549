import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { MovedList } from './MovedList.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { ScoreChart } from './ScoreChart.tsx'
import { useOwnPlace } from './use-own-place.ts'
import type { TrendProps } from './use-risk-range.ts'

/** The score by day of what one may see, and the findings that moved it. */
export function PostureTrend({ range, onRange }: TrendProps) {
  const own = useOwnPlace()
  const { segment } = own ?? {}
  const { data, error } = useQuery({
    ...query('risk.posture', { ...range, ...own }),
    placeholderData: keepPreviousData,
    enabled: own !== undefined,
  })
  const name = useQuery({
    ...query('segments.view', { segmentId: segment ?? '' }),
    enabled: segment !== undefined,
  }).data?.name
  if (error) return <ProblemNotice error={error} />
  if (!own) return <Skeletons lines={6} />
  const other = own.project ? 'your project' : own.context ? 'your context' : 'the organization'
  const of = segment ? `segment ${name ?? '…'}` : other
  return (
    <>
      <ScoreChart of={`Score of ${of}`} posture={data} onRange={onRange}>
        <Link to={paths.risk({ ...range, ...own })}>Its arithmetic</Link>
      </ScoreChart>
      {data && <MovedList moved={data.moved} more={data.more} />}
    </>
  )
}
