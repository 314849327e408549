import { useCallback, useEffect, useState } from 'react'

/** Rows drawn beyond what is seen, so that a flick does not outrun them. */
const overscan = 12

export interface Window {
  /** First and last index to draw. */
  readonly first: number
  readonly last: number
  readonly scrollTo: (index: number) => void
}

/** Which rows of one fixed height are near what is scrolled into view; all of them while there are few. */
export function useWindow(
  element: HTMLElement | null,
  { count, rowHeight, enabled }: { count: number; rowHeight: number; enabled: boolean },
): Window {
  const [seen, setSeen] = useState({ from: 0, rows: 40 })
  useEffect(() => {
    if (!element || !enabled) return undefined
    const look = () =>
      setSeen((before) => {
        const from = Math.floor(element.scrollTop / rowHeight)
        const rows = Math.ceil(element.clientHeight / rowHeight)
        return before.from === from && before.rows === rows ? before : { from, rows }
      })
    look()
    element.addEventListener('scroll', look, { passive: true })
    const resized = new ResizeObserver(look)
    resized.observe(element)
    return () => {
      element.removeEventListener('scroll', look)
      resized.disconnect()
    }
  }, [element, rowHeight, enabled])
  const scrollTo = useCallback(
    (index: number) => {
      if (!element) return
      const top = index * rowHeight
      // The head is as high as a row and stands above the first one.
      const below = top + 2 * rowHeight - element.clientHeight
      if (top < element.scrollTop) element.scrollTo({ top })
      else if (below > element.scrollTop) element.scrollTo({ top: below })
    },
    [element, rowHeight],
  )
  if (!enabled) return { first: 0, last: count - 1, scrollTo }
  const first = Math.min(Math.max(0, seen.from - overscan), Math.max(0, count - 1))
  return { first, last: Math.min(count - 1, seen.from + seen.rows + overscan), scrollTo }
}
