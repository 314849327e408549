import { useState } from 'react'

/**
 * Does once what a page was opened for, as soon as it can be done: a finding's fix fills a form in, or asks what it would
 * be asked by hand. Only what the page was opened with counts, so that nothing happens again when its address changes.
 * Answers whether it is still to be done.
 */
export function useAskedOfPage<T extends string | object>(
  asked: T | null | undefined,
  ready: boolean,
  carryOut: (asked: T) => void,
): boolean {
  const [due, setDue] = useState(asked)
  const waits = due !== null && due !== undefined
  if (waits && ready) {
    setDue(null)
    carryOut(due)
  }
  return waits
}
