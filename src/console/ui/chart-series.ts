import type { Meaning } from './Status.tsx'

export interface Series {
  readonly key: string
  readonly label: string
  /** A meaning takes its fixed colour; else the series' turn in the palette. */
  readonly is?: Meaning
}
export interface Point {
  readonly at: string
  readonly [series: string]: string | number
}
const meanings: Partial<Record<Meaning, string>> = {
  permitted: 'var(--sp-permitted)',
  denied: 'var(--sp-denied)',
  would: 'var(--sp-would)',
  unknown: 'var(--sp-unknown)',
}

/** Always a token, so that both themes are legible. */
export function colourOf(series: Series, index: number): string {
  return (series.is && meanings[series.is]) ?? `var(--sp-chart-${(index % 5) + 1})`
}
