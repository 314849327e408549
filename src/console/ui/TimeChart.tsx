import { lazy, Suspense, useState } from 'react'
import { Button } from '@mantine/core'
import classes from './TimeChart.module.css'
import { csvOf, downloadCsv } from './chart-csv.ts'
import { num } from './format.ts'
import { chartTimes } from './chart-times.ts'
import { colourOf, type Point, type Series } from './chart-series.ts'

/** Recharts weighs 85 kB: it is fetched when the first chart is shown. */
const Drawing = lazy(() => import('./ChartDrawing.tsx').then((m) => ({ default: m.ChartDrawing })))

export interface TimeChartProps {
  /** A question: "Denied requests, by cause". */
  title: string
  series: readonly Series[]
  points: readonly Point[] | undefined
  /** How long the time of one point is: whole days are days of UTC, and are printed as such. */
  bucketSeconds: number | undefined
  /** The list behind a mark: a click goes there. */
  onPick?: (series: string, point: Point) => void
  /** Brushing zooms: the range from and until. */
  onRange?: (from: string, until: string) => void
  kind?: 'area' | 'bar'
  /** The points are levels, not amounts: in sum they are nothing, the last one counts. */
  level?: boolean
  height?: number
}

/** A chart over time: direct labels, hover shows all series, click and brush lead on, a table alternative and CSV. */
export function TimeChart(props: TimeChartProps) {
  const { title, series, points, height = 200, level } = props
  const [table, setTable] = useState(false)
  const summary = series
    .map((each) => {
      const shown = level ? (points ?? []).slice(-1) : (points ?? [])
      const total = shown.reduce((sum, point) => sum + Number(point[each.key] ?? 0), 0)
      return `${each.label} ${num(total)}`
    })
    .join(', ')
  return (
    <figure className={classes.chart}>
      <figcaption className={classes.head}>
        <span className={classes.title}>{title}</span>
        <span className={classes.tools}>
          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setTable(!table)}>
            {table ? 'Show chart' : 'Show table'}
          </Button>
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            disabled={!points}
            onClick={() => downloadCsv(title, csvOf(series, points ?? []))}
          >
            Download CSV
          </Button>
        </span>
      </figcaption>
      <ul className={classes.legend} aria-label="Series">
        {series.map((each, index) => (
          <li key={each.key}>
            <span
              aria-hidden
              className={classes.swatch}
              style={{ background: colourOf(each, index) }}
            />
            {each.label}
          </li>
        ))}
      </ul>
      {table ? (
        <ChartTable {...props} />
      ) : (
        <div
          className={classes.drawing}
          style={{ blockSize: height }}
          role="img"
          aria-label={`${title}: ${summary}`}
        >
          {points && (
            <Suspense>
              <Drawing {...props} points={points} height={height} />
            </Suspense>
          )}
        </div>
      )}
    </figure>
  )
}

function ChartTable({ title, series, points, bucketSeconds }: TimeChartProps) {
  const times = chartTimes(bucketSeconds, points ?? [])
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls, so it must be reachable by keyboard (WCAG 2.1.1)
    <div className={classes.table} role="region" aria-label={`${title}, as a table`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{times.head}</th>
            {series.map((each) => (
              <th key={each.key} scope="col">
                {each.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points?.map((point) => (
            <tr key={point.at}>
              <th scope="row">{times.whole(point.at)}</th>
              {series.map((each) => (
                <td key={each.key}>{num(Number(point[each.key] ?? 0))}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
