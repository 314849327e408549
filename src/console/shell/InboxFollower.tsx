import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { rest } from '../api/rest.ts'
import { follow } from '../api/stream.ts'
import { announce } from '../ui/announce.ts'
import { num } from '../ui/format.ts'
import { inboxKey } from './inbox-key.ts'

/** After a stream that was refused or broke. */
const brokenMs = 15_000

/** Follows until the answer is called; only while the page is looked at. */
function followInbox(client: QueryClient): () => void {
  const told = (waiting: number) => {
    const before = client.getQueryData<number>(inboxKey)
    client.setQueryData(inboxKey, waiting)
    if (before === undefined || before === waiting) return
    void client.invalidateQueries({ queryKey: ['inbox', 'view'] })
    void client.invalidateQueries({ queryKey: ['requests', 'list'] })
    if (waiting > before) announce(`Your inbox: ${num(waiting)} waiting`)
  }
  const keep = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      try {
        for await (const { waiting } of follow('inbox.tail', {}, signal)) told(waiting)
      } catch {
        await rest(brokenMs, signal)
      }
    }
  }
  let stop = new AbortController()
  const turn = () => {
    stop.abort()
    stop = new AbortController()
    if (document.visibilityState === 'visible') void keep(stop.signal)
  }
  turn()
  document.addEventListener('visibilitychange', turn)
  return () => {
    document.removeEventListener('visibilitychange', turn)
    stop.abort()
  }
}

/**
 * Keeps how much waits in the inbox. By a stream, which is no use of a session: who left the desk is signed out all the
 * same.
 */
export function InboxFollower() {
  const client = useQueryClient()
  useEffect(() => followInbox(client), [client])
  return null
}
