/** Most names that are remembered; beyond it all begin anew, which only ever writes once more. */
const most = 20_000

/** True for what was not asked for in this minute yet: last uses are written down once a minute each, not with every use. */
export function onceAMinute() {
  const noted = new Map<string, number>()
  return (key: string, now: Date): boolean => {
    const minute = Math.floor(now.getTime() / 60_000)
    if (noted.get(key) === minute) return false
    if (noted.size > most) noted.clear()
    noted.set(key, minute)
    return true
  }
}
