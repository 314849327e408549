import { Tooltip } from '@mantine/core'
import { useSyncExternalStore } from 'react'
import { exact, relative, utc } from './format.ts'

let now = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

/** One clock for every time on the screen: it ticks each half minute while anything shows a time. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now()
    for (const each of listeners) each()
  }, 30_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

/** Relative to now ("3 days ago", "in 2 hours"); the exact local time and UTC on hover and focus. */
export function Time({ at, never = 'never' }: { at: string | null | undefined; never?: string }) {
  const current = useSyncExternalStore(subscribe, () => now)
  if (!at) return <span className="sp-dim">{never}</span>
  const date = new Date(at)
  return (
    <Tooltip label={`${exact(date)} · ${utc(date)}`}>
      <time dateTime={at} className="sp-num" style={{ whiteSpace: 'nowrap' }}>
        {relative(date, Math.max(current, Date.now() - 30_000))}
      </time>
    </Tooltip>
  )
}
