type Listener = (sentence: string) => void
const listeners = new Set<Listener>()

/** Says a sentence to screen readers through the one live region (`<LiveRegion>` in the shell). */
export function announce(sentence: string): void {
  for (const listener of listeners) listener(sentence)
}

export function onAnnounce(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
