import { useSyncExternalStore } from 'react'
import type { Asked } from '../api/client.ts'

export interface PendingStepUp {
  readonly confirmed: () => void
  readonly cancelled: () => void
  /** The calls that wait for it. */
  readonly asked: readonly Asked[]
}

/** The person chose not to confirm: the change was not made, the form is as it was. */
class StepUpCancelled extends Error {
  constructor() {
    super('Not confirmed, so nothing was changed.')
    this.name = 'StepUpCancelled'
  }
}

let pending: PendingStepUp | undefined
let confirming: Promise<void> | undefined
const listeners = new Set<() => void>()
const tell = () => listeners.forEach((listener) => listener())

/**
 * Asks the person to confirm who they are (RFC 9470) and resolves when they have: then repeat the call, once. The popup is
 * opened by the click in the dialog, so that no browser blocks it; several callers share one confirmation.
 */
export function stepUp(asked?: Asked): Promise<void> {
  const before = pending?.asked ?? []
  if (pending) pending = { ...pending, asked: asked ? [...before, asked] : before }
  confirming ??= new Promise<void>((resolve, reject) => {
    const over = (then: () => void) => () => {
      pending = undefined
      confirming = undefined
      tell()
      then()
    }
    pending = {
      confirmed: over(resolve),
      cancelled: over(() => reject(new StepUpCancelled())),
      asked: asked ? [asked] : [],
    }
    tell()
  })
  return confirming
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
