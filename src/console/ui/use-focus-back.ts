import { useEffect, useState } from 'react'

/**
 * Gives the focus back to what had it when this was first drawn. The library does so only for a dialog that is there
 * before it opens; ours are often made opened, and taken away when they close.
 */
export function useFocusBack(): void {
  const [before] = useState(() => document.activeElement)
  useEffect(
    () => () => {
      // After the dialog is gone; unless something else, as a page that was gone to, has taken the focus.
      requestAnimationFrame(() => {
        if (document.activeElement === document.body && before instanceof HTMLElement)
          before.focus()
      })
    },
    [before],
  )
}
