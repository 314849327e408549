import { nextDay } from '../../ui/format.ts'

/** Every day of a range, by its beginning in UTC, so that charts beside each other share their axis. */
export function everyDay({ from, until }: { from: string; until: string }): string[] {
  const days: string[] = []
  for (let at = from; at < until; at = nextDay(at)) days.push(at)
  return days
}
