import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { compared, num } from '../../ui/format.ts'
import { Stat } from '../../ui/Stat.tsx'
import { daySeconds } from '../../ui/chart-times.ts'
import { TimeChart } from '../../ui/TimeChart.tsx'
import classes from './risk.module.css'
import type { TrendProps } from './use-risk-range.ts'

const series = [
  { key: 'asked', label: 'Asked' },
  { key: 'answered', label: 'Answered', is: 'permitted' },
  { key: 'lapsed', label: 'Lapsed', is: 'denied' },
] as const

const minutes = (value: number | null) =>
  value === null
    ? 'no answer'
    : value < 120
      ? `${num(Math.round(value))} minutes`
      : `${num(Math.round(value / 6) / 10)} hours`

/** Whether people who ask for access are answered, and how fast. */
export function RequestTrend({ range, onRange }: TrendProps) {
  const { data, error } = useQuery({
    ...query('risk.requests', range),
    placeholderData: keepPreviousData,
  })
  if (error) return <ProblemNotice error={error} />
  return (
    <>
      <TimeChart
        title="Access requests, asked and answered"
        kind="bar"
        series={series}
        points={data?.points}
        bucketSeconds={daySeconds}
        onRange={onRange}
      />
      {data && (
        <>
          <p className="sp-dim">
            Half of the answers came within {minutes(data.medianMinutes)} (
            {minutes(data.medianMinutesBefore)} in the period before).
          </p>
          <div className={classes.stats}>
            <Stat
              label="Wait for an answer"
              value={data.open}
              to={paths.requests({ state: 'open' })}
              is="would"
              note="now"
            />
            <Stat
              label="Asked"
              value={data.asked}
              to={paths.requests()}
              note={compared(data.asked, data.askedBefore)}
            />
            <Stat
              label="Lapsed without an answer"
              value={data.lapsed}
              to={paths.requests({ state: 'lapsed' })}
              is="denied"
              note={compared(data.lapsed, data.lapsedBefore)}
            />
          </div>
        </>
      )}
    </>
  )
}
