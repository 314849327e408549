import { setImmediate as othersTurn } from 'node:timers/promises'

/**
 * For work of the processor alone, which is asked between its steps: after so many milliseconds others have a turn, so that
 * whoever asks this server something meanwhile is answered. An answer takes some ten turns of the event loop.
 */
export function takingTurns(longestMs = 10): () => Promise<void> {
  let began = performance.now()
  return async () => {
    if (performance.now() - began < longestMs) return
    await othersTurn()
    began = performance.now()
  }
}
