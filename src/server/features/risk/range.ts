import { invalidField } from '../../http/problem.ts'

const day = 86_400_000
const usual = 30
const most = 366

/** Whole days, UTC: `until` is where the first day begins that is not meant any more. */
export interface DayRange {
  readonly from: Date
  readonly until: Date
  readonly days: number
  /** Where the range of as many days before begins; it ends where this one begins. */
  readonly beforeFrom: Date
}

/**
 * The days that touch what was asked for, until the end of tomorrow at the latest, which has begun already where a browser's
 * clock is ahead; the last thirty where nothing was asked for.
 */
export function daysOf(
  given: { from?: string | undefined; until?: string | undefined },
  now: Date,
): DayRange {
  const ceil = (at: number) => Math.ceil(at / day) * day
  const latest = (Math.floor(now.getTime() / day) + 2) * day
  const end = ceil(given.until === undefined ? now.getTime() + 1 : Date.parse(given.until))
  const until = Math.min(end, latest)
  const from =
    given.from === undefined ? until - usual * day : Math.floor(Date.parse(given.from) / day) * day
  if (from < 0) throw invalidField('from', 'must not lie before 1970: nothing is known of then')
  if (from >= latest) {
    const why = 'of later days nothing can be known yet'
    throw invalidField('from', `must lie before the end of tomorrow, UTC: ${why}`)
  }
  if (from >= until) throw invalidField('from', 'must lie before `until`')
  const days = (until - from) / day
  if (days > most) throw invalidField('from', `must lie at most ${most} days before \`until\``)
  return {
    from: new Date(from),
    until: new Date(until),
    days,
    beforeFrom: new Date(from - days * day),
  }
}
