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
import { compact, day, exact, num } from './format.ts'
import { useBrush } from './use-brush.ts'
import { usePrinting } from './use-printing.ts'
import classes from './TimeChart.module.css'
import { colourOf, type Point, type Series } from './chart-series.ts'
import type { TimeChartProps } from './TimeChart.tsx'

const tick = { fontSize: 11, fill: 'var(--sp-text-2)' }
/** CSS pixels across a portrait sheet of A4 or Letter within its usual margins. */
const sheet = 690
const hours = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** The lazy part of `<TimeChart>`: stacked areas or bars on one time axis. Only here is Recharts imported. */
export function ChartDrawing(props: TimeChartProps & { points: readonly Point[]; height: number }) {
  const { series, points, onPick, onRange, kind = 'area', height } = props
  const still = useReducedMotion()
  const printing = usePrinting()
  const first = points[0]
  const last = points.at(-1)
  const days = first && last ? (Date.parse(last.at) - Date.parse(first.at)) / 86_400_000 : 0
  const tickText = (at: string) => (days > 2 ? day(new Date(at)) : hours.format(new Date(at)))
  // A day of several points is named at its first.
  const ticks = points.flatMap(({ at }, nth) => {
    const before = points[nth - 1]
    return before && tickText(before.at) === tickText(at) ? [] : [at]
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
          tickFormatter={tickText}
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
          content={<Hovered points={points} series={series} />}
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
  active,
  label,
}: {
  points: readonly Point[]
  series: readonly Series[]
  active?: boolean
  label?: string | number
}) {
  const point = points.find((each) => each.at === label)
  if (!active || !point) return null
  return (
    <div className={classes.hovered}>
      <strong>{exact(new Date(point.at))}</strong>
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
