import type { RefObject } from 'react'

/** `/` focuses the page's search box, unless one is typing somewhere. */
export function focusableSearch(box: RefObject<HTMLElement | null>): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== '/' || event.metaKey || event.ctrlKey || event.altKey) return
    const at = event.target as HTMLElement
    if (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)) return
    event.preventDefault()
    box.current?.focus()
  }
  document.addEventListener('keydown', onKeyDown)
  return () => document.removeEventListener('keydown', onKeyDown)
}
