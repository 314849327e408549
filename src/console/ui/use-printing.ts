import { useSyncExternalStore } from 'react'

let printing = false
function follow(changed: () => void): () => void {
  const told = ({ type }: Event) => {
    printing = type === 'beforeprint'
    changed()
  }
  for (const when of ['beforeprint', 'afterprint']) addEventListener(when, told)
  return () => {
    for (const when of ['beforeprint', 'afterprint']) removeEventListener(when, told)
  }
}

/** Whether the page is being put on paper: for what is drawn to measure, which style sheets alone do not reach. */
export const usePrinting = (): boolean => useSyncExternalStore(follow, () => printing)
