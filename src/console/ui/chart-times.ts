/** Of what is charted by the day. */
export const daySeconds = 86_400

/** How the times of a chart are printed. */
export interface ChartTimes {
  /** What heads the times in a table. */
  readonly head: string
  /** Below the axis. */
  readonly tick: (at: string) => string
  /** Of one mark, and in the table. */
  readonly whole: (at: string) => string
}

/**
 * Marks of whole days begin and end where days of UTC do, wherever one reads them: such a day is printed by its own name,
 * never by the day and the hour at which it begins where the browser is.
 */
export function chartTimes(
  bucketSeconds: number | undefined,
  points: readonly { readonly at: string }[],
  timeZone?: string,
): ChartTimes {
  const daily = bucketSeconds !== undefined && bucketSeconds % daySeconds === 0
  const written = (form: Intl.DateTimeFormatOptions) => {
    const zone = daily ? 'UTC' : timeZone
    const format = new Intl.DateTimeFormat('en-GB', { ...form, ...(zone && { timeZone: zone }) })
    return (at: string) => format.format(new Date(at))
  }
  const date = written({ day: 'numeric', month: 'short' })
  if (daily) {
    const one = bucketSeconds === daySeconds
    return {
      head: one ? 'Day (UTC)' : 'From (UTC)',
      tick: date,
      whole: written({ dateStyle: 'medium' }),
    }
  }
  const [first, last] = [points[0], points.at(-1)]
  const span = first && last ? (Date.parse(last.at) - Date.parse(first.at)) / 1000 : 0
  return {
    head: 'From',
    tick: span > 2 * daySeconds ? date : written({ hour: '2-digit', minute: '2-digit' }),
    whole: written({ dateStyle: 'medium', timeStyle: 'medium' }),
  }
}
