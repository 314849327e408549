/** Minutes of each unit that a duration is given in. */
export const units = { minutes: 1, hours: 60, days: 1_440 } as const
export type Unit = keyof typeof units

/** The largest unit that divides it. */
export const unitOf = (minutes: number): Unit =>
  minutes % units.days === 0 ? 'days' : minutes % units.hours === 0 ? 'hours' : 'minutes'

/** "90 minutes", "1 hour", "7 days". */
export function duration(minutes: number): string {
  const unit = unitOf(minutes)
  const many = minutes / units[unit]
  return `${many} ${many === 1 ? unit.slice(0, -1) : unit}`
}
