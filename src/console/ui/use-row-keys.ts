import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react'

/** What a letter does with the row that has the focus; `next`: the row after it has the focus then. */
export type RowKeys<T> = Readonly<Record<string, (row: T) => 'next' | 'stay'>>

/** Rows by keyboard: ↑ ↓ or k j, Home End move, Enter opens, x selects. One row is in the tab order (roving tabindex). */
export function useRowKeys({
  count,
  scrollTo,
  open,
  toggle,
  act,
}: {
  count: number
  scrollTo: (index: number) => void
  open: (index: number) => void
  toggle: (index: number) => void
  /** What further letters do; nothing for a letter that does nothing. */
  act?: (key: string, index: number) => 'next' | 'stay' | undefined
}) {
  const [active, setActive] = useState(0)
  const body = useRef<HTMLTableSectionElement>(null)

  const focus = (index: number, tries = 5) => {
    const row = body.current?.querySelector<HTMLElement>(`tr[data-index="${index}"]`)
    if (row) row.focus()
    else if (tries > 0) requestAnimationFrame(() => focus(index, tries - 1))
  }
  const go = (index: number) => {
    const next = Math.max(0, Math.min(count - 1, index))
    setActive(next)
    scrollTo(next)
    focus(next)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const onRow = (event.target as Element).tagName === 'TR'
    if (event.metaKey || event.ctrlKey || event.altKey) return
    const did = onRow ? act?.(event.key, active) : undefined
    if (did === 'next') go(active + 1)
    else if (did === 'stay') event.stopPropagation()
    else if (event.key === 'ArrowDown' || (event.key === 'j' && onRow)) go(active + 1)
    else if (event.key === 'ArrowUp' || (event.key === 'k' && onRow)) go(active - 1)
    else if (event.key === 'Home' && onRow) go(0)
    else if (event.key === 'End' && onRow) go(count - 1)
    else if (event.key === 'Enter' && onRow) open(active)
    else if (event.key === 'x' && onRow) toggle(active)
    else return
    event.preventDefault()
  }
  // Where nothing has the focus yet, j and k go to the rows: a table that is worked through need not be looked for by Tab.
  const enter = useRef(() => {})
  useLayoutEffect(() => {
    enter.current = () => go(active)
  })
  const works = act !== undefined
  useEffect(() => {
    if (!works) return undefined
    const onKey = (event: globalThis.KeyboardEvent) => {
      const at = event.target as HTMLElement
      const free = at === document.body || at.id === 'main'
      if (!free || event.metaKey || event.ctrlKey || event.altKey) return
      if (event.key === 'j' || event.key === 'k') enter.current()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [works])
  return { active: Math.min(active, Math.max(0, count - 1)), setActive, body, onKeyDown }
}
