import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import type { Layer } from '../../../contract/decisions.ts'
import { query } from '../../api/client.ts'
import { layerNames } from '../../parts/layers.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { compared, nextDay, num } from '../../ui/format.ts'
import type { Point } from '../../ui/chart-series.ts'
import { daySeconds } from '../../ui/chart-times.ts'
import { TimeChart } from '../../ui/TimeChart.tsx'
import { everyDay } from './every-day.ts'
import type { TrendProps } from './use-risk-range.ts'

const nameOf = (cause: string) => layerNames[cause as Layer['layer']] ?? 'Not known'

/** What was refused, by the layer of the decision that refused it. */
export function RefusalTrend({ range, onRange }: TrendProps) {
  const navigate = useNavigate()
  const { data, error } = useQuery({
    ...query('risk.refusals', range),
    placeholderData: keepPreviousData,
  })
  if (error) return <ProblemNotice error={error} />
  const causes = data?.causes ?? []
  const points =
    data &&
    everyDay(data).map((at): Point => {
      const own = data.points.filter((point) => point.at === at)
      const point: Record<string, string | number> & { at: string } = { at }
      for (const { cause } of causes) {
        point[cause] = own.find((one) => one.cause === cause)?.count ?? 0
      }
      return point
    })
  const listOf = (cause: string, from: string, until: string) =>
    paths.decisions({ outcome: 'denied', ...(cause !== 'unknown' && { cause }), from, until })
  return (
    <>
      <TimeChart
        title="Refusals, by cause"
        kind="bar"
        series={causes.map(({ cause }) => ({ key: cause, label: nameOf(cause) }))}
        points={points}
        bucketSeconds={daySeconds}
        onRange={onRange}
        onPick={(cause, { at }) => void navigate(listOf(cause, at, nextDay(at)))}
      />
      {data && (
        <p className="sp-dim">
          {causes.length === 0
            ? 'Nothing was refused.'
            : `${causes
                .map(
                  ({ cause, now, before }) =>
                    `${nameOf(cause)} ${num(now)} (${compared(now, before)})`,
                )
                .join(', ')}.`}
        </p>
      )}
    </>
  )
}
