import { useSyncExternalStore } from 'react'

export interface PendingStepUp {
  readonly confirmed: () => void
  readonly cancelled: () => void
}

/** The person chose not to confirm: the change was not made, the form is as it was. */
class StepUpCancelled extends Error {
  constructor() {
    super('Not confirmed, so nothing was changed.')
    this.name = 'StepUpCancelled'
  }
}

let pending: PendingStepUp | undefined
let asked: Promise<void> | undefined
const listeners = new Set<() => void>()
const tell = () => listeners.forEach((listener) => listener())

/**
 * Asks the person to confirm who they are (RFC 9470) and resolves when they have: then repeat the call, once. The popup is
 * opened by the click in the dialog, so that no browser blocks it; several callers share one confirmation.
 */
export function stepUp(): Promise<void> {
  asked ??= new Promise<void>((resolve, reject) => {
    const over = (then: () => void) => () => {
      pending = undefined
      asked = undefined
      tell()
      then()
    }
    pending = { confirmed: over(resolve), cancelled: over(() => reject(new StepUpCancelled())) }
    tell()
  })
  return asked
}

export function usePendingStepUp(): PendingStepUp | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => pending,
  )
}
