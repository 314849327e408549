import { useSyncExternalStore } from 'react'

/** A clock that ticks while anything on the screen looks at it. */
function clock(everyMs: number) {
  let now = Date.now()
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setInterval> | undefined
  const tick = () => {
    now = Date.now()
    for (const each of listeners) each()
  }
  const subscribe = (listener: () => void) => {
    if (listeners.size === 0) now = Date.now()
    listeners.add(listener)
    timer ??= setInterval(tick, everyMs)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) {
        clearInterval(timer)
        timer = undefined
      }
    }
  }
  return { subscribe, read: () => now }
}

const halfMinutes = clock(30_000)
const seconds = clock(1_000)

/** One clock for every time on the screen. */
export function useNow(): number {
  return useSyncExternalStore(halfMinutes.subscribe, halfMinutes.read)
}

/** To the second, for what ends soon. */
export function useSeconds(): number {
  return useSyncExternalStore(seconds.subscribe, seconds.read)
}
