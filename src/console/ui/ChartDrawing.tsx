import { useReducedMotion } from '@mantine/hooks'
import {
  Area,
  AreaChart,
  Bar,
  BarChart,
  CartesianGrid,
  ReferenceArea,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { chartTimes, type ChartTimes } from './chart-times.ts'
import { compact, num } from './format.ts'
import { useBrush } from './use-brush.ts'
import { usePrinting } from './use-printing.ts'
import classes from './TimeChart.module.css'
import { colourOf, type Point, type Series } from './chart-series.ts'
import type { TimeChartProps } from './TimeChart.tsx'

const tick = { fontSize: 11, fill: 'var(--sp-text-2)' }
/** CSS pixels across a portrait sheet of A4 or Letter within its usual margins. */
const sheet = 690

/** The lazy part of `<TimeChart>`: stacked areas or bars on one time axis. Only here is Recharts imported. */
export function ChartDrawing(props: TimeChartProps & { points: readonly Point[]; height: number }) {
  const { series, points, bucketSeconds, onPick, onRange, kind = 'area', height } = props
  const still = useReducedMotion()
  const printing = usePrinting()
  const times = chartTimes(bucketSeconds, points)
  // A day of several points is named at its first.
  const ticks = points.flatMap(({ at }, nth) => {
    const before = points[nth - 1]
    return before && times.tick(before.at) === times.tick(at) ? [] : [at]
  })

  const brush = useBrush(onRange, (state) => {
    if (!onPick || !series[0]) return
    const point = points.find((each) => each.at === String(state.activeLabel))
    const key = state.activeDataKey === undefined ? series[0].key : String(state.activeDataKey)
    if (point) onPick(key, point)
  })
  const Chart = kind === 'area' ? AreaChart : BarChart
  return (
    <ResponsiveContainer width={printing ? sheet : '100%'} height={height}>
      <Chart
        data={points}
        margin={{ top: 4, right: 4, bottom: 0, left: 0 }}
        accessibilityLayer={false}
        {...brush.handlers}
        {...(kind === 'bar' && { barCategoryGap: 1 })}
      >
        <CartesianGrid vertical={false} stroke="var(--sp-border)" />
        <XAxis
          dataKey="at"
          ticks={ticks}
          tickFormatter={times.tick}
          tick={tick}
          tickLine={false}
          axisLine={false}
          minTickGap={48}
        />
        <YAxis
          tickFormatter={compact}
          tick={tick}
          tickLine={false}
          axisLine={false}
          width={36}
          // Three lines where the chart is low: of more, some would have no room for their number.
          tickCount={height < 140 ? 3 : 5}
          allowDecimals={false}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={kind === 'area' ? { stroke: 'var(--sp-text-3)' } : { fill: 'var(--sp-hover)' }}
          content={<Hovered points={points} series={series} times={times} />}
        />
        {series.map((each, index) => {
          const shared = {
            dataKey: each.key,
            name: each.label,
            stackId: 'all',
            fill: colourOf(each, index),
            isAnimationActive: !still && !printing && points.length < 200,
            animationDuration: 250,
          }
          return kind === 'area' ? (
            <Area
              key={each.key}
              {...shared}
              type="monotone"
              stroke={colourOf(each, index)}
              strokeWidth={1.5}
              fillOpacity={0.25}
            />
          ) : (
            <Bar key={each.key} {...shared} />
          )
        })}
        {brush.range && (
          <ReferenceArea
            x1={brush.range.from}
            x2={brush.range.until}
            fill="var(--sp-accent-fill)"
            fillOpacity={0.15}
          />
        )}
      </Chart>
    </ResponsiveContainer>
  )
}

/** `active` and `label` are given by the library when it clones the element. */
function Hovered({
  points,
  series,
  times,
  active,
  label,
}: {
  points: readonly Point[]
  series: readonly Series[]
  times: ChartTimes
  active?: boolean
  label?: string | number
}) {
  const point = points.find((each) => each.at === label)
  if (!active || !point) return null
  return (
    <div className={classes.hovered}>
      <strong>{times.whole(point.at)}</strong>
      <dl>
        {series.map((each, index) => (
          <div key={each.key}>
            <dt>
              <span className={classes.swatch} style={{ background: colourOf(each, index) }} />
              {each.label}
            </dt>
            <dd>{num(Number(point[each.key] ?? 0))}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
