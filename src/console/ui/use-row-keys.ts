import { useRef, useState, type KeyboardEvent } from 'react'

/** Rows by keyboard: ↑ ↓ Home End move, Enter opens, x selects. One row is in the tab order (roving tabindex). */
export function useRowKeys({
  count,
  scrollTo,
  open,
  toggle,
}: {
  count: number
  scrollTo: (index: number) => void
  open: (index: number) => void
  toggle: (index: number) => void
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
    if (event.key === 'ArrowDown') go(active + 1)
    else if (event.key === 'ArrowUp') go(active - 1)
    else if (event.key === 'Home' && onRow) go(0)
    else if (event.key === 'End' && onRow) go(count - 1)
    else if (event.key === 'Enter' && onRow) open(active)
    else if (event.key === 'x' && onRow) toggle(active)
    else return
    event.preventDefault()
  }
  return { active: Math.min(active, Math.max(0, count - 1)), setActive, body, onKeyDown }
}
