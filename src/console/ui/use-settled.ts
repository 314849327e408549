import { useEffect, useState } from 'react'
import { same } from './same.ts'

/**
 * A value once it has said the same for some milliseconds: for what is asked as one types. Mantine's `useDebouncedValue` does
 * not hear of what is changed while its component is drawn for the first time, such as a form that an address fills in, and
 * draws a component for ever that makes its value anew each time it is drawn.
 */
export function useSettled<T>(value: T, forMs: number): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled((was) => (same(was, value) ? was : value)), forMs)
    return () => clearTimeout(timer)
  }, [value, forMs])
  return settled
}
