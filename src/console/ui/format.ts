/** Numbers and times as people read them: Intl only, in one module, so that a translation is possible later. */
const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]
const ago = new Intl.RelativeTimeFormat('en', { numeric: 'always' })
const daily = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const local = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const inUtc = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'medium',
  timeZone: 'UTC',
})
const dayMonth = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
})
const number = new Intl.NumberFormat('en')
const hundredth = new Intl.NumberFormat('en', {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
})
const compactNumber = new Intl.NumberFormat('en', { notation: 'compact' })

/**
 * "3 days ago", of which only what has passed whole counts; and "in 4 hours" of what is set just now to end then, and is
 * short of it by less than half of the next smaller unit.
 */
export function relative(date: Date, from: number = Date.now()): string {
  const seconds = (date.getTime() - from) / 1000
  for (const [at, [unit, size]] of units.entries()) {
    const short = seconds > 0 ? (units[at + 1]?.[1] ?? 0) / 2 : 0
    const whole = Math.trunc((seconds + short) / size)
    // "yesterday" is exact enough, "last month" is not.
    if (whole !== 0) return (unit === 'day' && whole < 0 ? daily : ago).format(whole, unit)
  }
  return seconds > 30 ? 'in under a minute' : 'just now'
}

export const exact = (date: Date) => local.format(date)
export const utc = (date: Date) => `${inUtc.format(date)} UTC`
/** Of what is recorded by the day, which is one of UTC wherever one reads it. */
export const utcDay = (date: Date) => dayMonth.format(date)
export const num = (value: number) => number.format(value)
/** Of numbers in a column, whose points stand under each other: 2.10, 4.21. */
export const hundredths = (value: number) => hundredth.format(value)
export const compact = (value: number) => compactNumber.format(value)

const sized = (unit: string) =>
  new Intl.NumberFormat('en', { style: 'unit', unit, maximumFractionDigits: 1 })
const sizes = (['gigabyte', 'megabyte', 'kilobyte'] as const).map(
  (unit, at) => [sized(unit), 1000 ** (3 - at)] as const,
)

/** "12.4 MB"; "125 bytes", of which the short form has no plural. */
export function size(bytes: number): string {
  const large = sizes.find(([, each]) => bytes >= each)
  return large ? large[0].format(bytes / large[1]) : count(bytes, 'byte')
}

/** "1 secret", "12 secrets". */
export function count(value: number, one: string, many: string = `${one}s`): string {
  return `${num(value)} ${value === 1 ? one : many}`
}

/** More or less than in the period before, which was as long. */
export function compared(now: number, before: number): string {
  // A period of which little is recorded compares with nothing.
  if (before === 0 || before < now / 10) return 'nothing to compare with'
  const percent = Math.round(((now - before) / before) * 100)
  if (percent === 0) return 'as in the period before'
  return `${percent >= 0 ? '+' : '−'}${num(Math.abs(percent))} % on the period before`
}

/** Such as the end of the bucket of a chart that begins then. */
export const secondsLater = (at: string, seconds: number) =>
  new Date(Date.parse(at) + seconds * 1000).toISOString()
/** The same time a day later. */
export const nextDay = (at: string) => secondsLater(at, 86_400)

/** Points with their sign; the minus of typography, as numbers beside each other are read. */
export const signed = (points: number | null) =>
  points === null ? 'not known' : points > 0 ? `+${num(points)}` : num(points).replace('-', '−')
