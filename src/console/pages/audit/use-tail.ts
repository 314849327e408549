import { useEffect, useState, type Dispatch, type SetStateAction } from 'react'
import type { AuditEvent } from '../../../contract/audit.ts'
import { follow } from '../../api/stream.ts'

/** Most live events that are kept on the page. */
const most = 1_000

/** Follows the trail while `on`. */
export function useTail(q: string | undefined, on: boolean) {
  const [events, setEvents] = useState<readonly AuditEvent[]>([])
  const [error, setError] = useState<Error>()
  useEffect(() => {
    if (!on) return undefined
    const stop = new AbortController()
    void tail(q, stop.signal, setEvents, setError)
    return () => stop.abort()
  }, [q, on])
  return { events, error }
}

async function tail(
  q: string | undefined,
  signal: AbortSignal,
  setEvents: Dispatch<SetStateAction<readonly AuditEvent[]>>,
  setError: (error: Error | undefined) => void,
): Promise<void> {
  setEvents([])
  setError(undefined)
  try {
    for await (const event of follow('audit.tail', { q }, signal)) {
      setEvents((before) => [event, ...before].slice(0, most))
    }
  } catch (failure) {
    if (!signal.aborted) setError(failure instanceof Error ? failure : new Error(String(failure)))
  }
}
