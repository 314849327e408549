import { setTimeout as wait } from 'node:timers/promises'

export interface Turns {
  /** There is something to do: now, or after what is under way, which may have looked too early to see it. */
  readonly wake: () => void
  /** Takes turns until `anyLeft` says that nothing waits, or they are closed; for tests and benchmarks. */
  readonly settled: (anyLeft: () => Promise<boolean>) => Promise<void>
  /** Nothing is begun any more; resolves when what is under way has ended. */
  readonly close: () => Promise<void>
}

interface TurnsOptions {
  /** Does all that waits in the database; ends early when it is told to. */
  readonly work: (signal: AbortSignal) => Promise<void>
  /** How often it is looked for what other servers have left. */
  readonly everyMs: number
  readonly onError: (error: unknown) => void
}

/** Takes turns at a queue that is in the database: one at a time on this server, whenever it is woken and every so often. */
export function takeTurns({ work, everyMs, onError }: TurnsOptions): Turns {
  const stop = new AbortController()
  let turning: Promise<void> | undefined
  let woken = false
  const turn = async () => {
    do {
      woken = false
      await work(stop.signal)
    } while (woken && !stop.signal.aborted)
  }
  const begin = () => {
    if (stop.signal.aborted) return
    turning ??= turn()
      .catch(onError)
      .finally(() => {
        turning = undefined
        if (woken) begin()
      })
  }
  const timer = setInterval(begin, everyMs)
  timer.unref()
  return {
    wake() {
      woken = true
      begin()
    },
    async settled(anyLeft) {
      for (;;) {
        begin()
        await turning
        if (stop.signal.aborted || !(await anyLeft())) return
        // Another server is at it.
        await wait(10)
      }
    },
    async close() {
      stop.abort()
      clearInterval(timer)
      await turning
    },
  }
}
