/** Most names that are remembered; beyond it all begin anew, which only ever writes once more. */
const most = 20_000

/** Last uses are written down once a minute each, not with every use. */
export interface OnceAMinute {
  /** Whether it was not written down in this minute yet. */
  due(key: string, now: Date): boolean
  /** It has been. */
  note(key: string, now: Date): void
}

export function onceAMinute(): OnceAMinute {
  const noted = new Map<string, number>()
  const minuteOf = (now: Date) => Math.floor(now.getTime() / 60_000)
  return {
    due: (key, now) => noted.get(key) !== minuteOf(now),
    note(key, now) {
      if (noted.size > most) noted.clear()
      noted.set(key, minuteOf(now))
    },
  }
}
