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
  const kept = own && !own.project && !own.context
  const { data, error } = useQuery({
    ...query('risk.posture', { ...range, ...(segment && { segment }) }),
    placeholderData: keepPreviousData,
    enabled: kept === true,
  })
  const name = useQuery({
    ...query('segments.view', { segmentId: segment ?? '' }),
    enabled: segment !== undefined,
  }).data?.name
  if (error) return <ProblemNotice error={error} />
  if (!own) return <Skeletons lines={6} />
  if (!kept) {
    return <p className="sp-dim">The score by day is kept for the organization and its segments.</p>
  }
  const of = segment ? `segment ${name ?? '…'}` : 'the organization'
  return (
    <>
      <ScoreChart of={`Score of ${of}`} posture={data} onRange={onRange}>
        <Link to={paths.risk({ ...range, ...(segment && { segment }) })}>Its arithmetic</Link>
      </ScoreChart>
      {data && <MovedList moved={data.moved} more={data.more} />}
    </>
  )
}
