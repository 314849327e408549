import { useSyncExternalStore } from 'react'

let printing = false
const readers = new Set<() => void>()

// Heard from the beginning: what is drawn only once the printing has begun is drawn for the sheet, too.
if (typeof window !== 'undefined') {
  for (const when of ['beforeprint', 'afterprint'] as const) {
    window.addEventListener(when, () => {
      printing = when === 'beforeprint'
      for (const changed of readers) changed()
    })
  }
}

function follow(changed: () => void): () => void {
  readers.add(changed)
  return () => readers.delete(changed)
}

/** Whether the page is being put on paper: for what is drawn to measure, which style sheets alone do not reach. */
export const usePrinting = (): boolean => useSyncExternalStore(follow, () => printing)
