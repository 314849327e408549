import type { ReactNode } from 'react'
import type { Posture } from '../../../contract/risk.ts'
import { num, signed } from '../../ui/format.ts'
import { PrintedRange } from '../../ui/PrintedRange.tsx'
import { daySeconds } from '../../ui/chart-times.ts'
import { TimeChart } from '../../ui/TimeChart.tsx'
import type { TrendProps } from './use-risk-range.ts'

function told({ now, before }: Posture): string {
  if (now === null) return 'No score was recorded in this time.'
  if (before === null) return `${num(now)} of 100 at its end; none was recorded before.`
  const by = Math.round((now - before) * 100) / 100
  return `${num(now)} of 100 at its end, ${num(before)} before it began: ${signed(by)} points.`
}

/** A score by day, and against what it was before the time began. */
export function ScoreChart({
  of,
  posture,
  onRange,
  children,
}: Pick<TrendProps, 'onRange'> & {
  /** “Score of the organization”. */
  readonly of: string
  readonly posture: Posture | undefined
  readonly children?: ReactNode
}) {
  return (
    <>
      <PrintedRange over={posture} />
      {/* A line through one day is none. */}
      {(!posture || posture.points.length > 1) && (
        <TimeChart
          level
          title={`${of}, by day`}
          series={[{ key: 'score', label: 'Score', is: 'permitted' }]}
          points={posture?.points}
          bucketSeconds={daySeconds}
          onRange={onRange}
        />
      )}
      {posture && (
        <p className="sp-dim">
          {of}: {told(posture)} {children}
        </p>
      )}
    </>
  )
}
