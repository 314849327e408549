import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { compared } from '../../ui/format.ts'
import { Stat } from '../../ui/Stat.tsx'
import { daySeconds } from '../../ui/chart-times.ts'
import { TimeChart } from '../../ui/TimeChart.tsx'
import classes from './risk.module.css'
import type { TrendProps } from './use-risk-range.ts'

const series = [
  { key: 'kept', label: 'Kept', is: 'permitted' },
  { key: 'ended', label: 'To be ended', is: 'denied' },
  { key: 'byRule', label: 'Nobody answered', is: 'would' },
] as const

/** Whether what people have is looked at, by people, and in time. */
export function ReviewTrend({ range, onRange }: TrendProps) {
  const { data, error } = useQuery({
    ...query('risk.reviews', range),
    placeholderData: keepPreviousData,
  })
  if (error) return <ProblemNotice error={error} />
  return (
    <>
      <TimeChart
        title="Lines of access reviews, by what was decided"
        kind="bar"
        series={series}
        points={data?.points}
        bucketSeconds={daySeconds}
        onRange={onRange}
      />
      {data && (
        <div className={classes.stats}>
          <Stat
            label="Reviews past their day"
            value={data.overdue}
            to={paths.reviews({ state: 'running' })}
            is="denied"
            note={`now, of ${data.running} running`}
          />
          <Stat
            label="Lines answered"
            value={data.now.answered}
            to={paths.reviews()}
            note={compared(data.now.answered, data.before.answered)}
          />
          <Stat
            label="Lines nobody answered"
            value={data.now.byRule}
            to={paths.reviews()}
            is="would"
            note={compared(data.now.byRule, data.before.byRule)}
          />
          <Stat
            label="Signed off in time"
            value={data.now.inTime}
            to={paths.reviews({ state: 'closed' })}
            note={compared(data.now.inTime, data.before.inTime)}
          />
          <Stat
            label="Signed off late"
            value={data.now.late}
            to={paths.reviews({ state: 'closed' })}
            is="denied"
            note={compared(data.now.late, data.before.late)}
          />
        </div>
      )}
    </>
  )
}
