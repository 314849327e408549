import { useEffect, useState } from 'react'
import type { MouseHandlerDataParam } from 'recharts'

interface Brush {
  /** What is brushed so far. */
  readonly range: { readonly from: string; readonly until: string } | undefined
  /** Of the chart: it tells every move as it comes, for what is released within the same frame counts as well. */
  readonly handlers: {
    readonly throttledEvents: ('scroll' | 'touchmove' | 'wheel')[]
    readonly onMouseDown: (state: MouseHandlerDataParam) => void
    readonly onMouseMove: (state: MouseHandlerDataParam) => void
    readonly onMouseUp: (state: MouseHandlerDataParam) => void
  }
}

/** The mark under the pointer. */
const under = ({ activeLabel }: MouseHandlerDataParam): string | undefined =>
  activeLabel === undefined ? undefined : String(activeLabel)

/**
 * Brushing over a chart's marks. What is pressed and released over one mark is a click on it, and what was not pressed here
 * is neither; what is released beside the chart ends at the last mark it was over.
 */
export function useBrush(
  onRange: ((from: string, until: string) => void) | undefined,
  onClick: (state: MouseHandlerDataParam) => void,
): Brush {
  const [from, setFrom] = useState<string>()
  const [until, setUntil] = useState<string>()
  const end = (last: string | undefined) => {
    setFrom(undefined)
    setUntil(undefined)
    if (from === undefined || last === undefined || from === last) return
    // As RFC 3339 writes them, the earlier is the lesser.
    if (from < last) onRange?.(from, last)
    else onRange?.(last, from)
  }
  useEffect(() => {
    if (from === undefined) return
    // Beside the chart: what is released on it has been ended by its own handler, which takes this away before it is reached.
    const released = () => end(until)
    window.addEventListener('mouseup', released)
    return () => window.removeEventListener('mouseup', released)
  })
  return {
    range: onRange && from !== undefined && until !== undefined ? { from, until } : undefined,
    handlers: {
      throttledEvents: ['scroll', 'touchmove', 'wheel'],
      onMouseDown: (state) => setFrom(under(state)),
      onMouseMove(state) {
        if (from !== undefined) setUntil(under(state) ?? until)
      },
      onMouseUp(state) {
        const last = under(state) ?? until
        end(last)
        if (last !== undefined && last === from) onClick(state)
      },
    },
  }
}
