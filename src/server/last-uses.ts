import type { Database } from './db/connect.ts'
import { onceAMinute } from './db/once-a-minute.ts'
import { inTransaction } from './db/transaction.ts'
import { grantUsed } from './decision/load-actor.ts'
import type { Actor } from './decision/types.ts'
import { touchToken } from './features/api-tokens/service.ts'
import { touchSession } from './features/sessions/service.ts'

interface Use {
  readonly actor: Actor
  readonly grants: readonly string[]
  readonly ip: string
  readonly now: Date
}

/**
 * Remembers when sessions, API tokens and grants were last used, a grant by each who used it: after the request, outside
 * of its transaction, and at most once a minute each, so that a read stays a read.
 */
export function lastUses(db: Database, onError: (error: unknown) => void) {
  const uses = onceAMinute()
  const due = (key: string, now: Date) => {
    const first = uses.due(key, now)
    if (first) uses.note(key, now)
    return first
  }
  const under = new Set<Promise<void>>()
  const write = ({ actor, grants, ip, now }: Use) => {
    const { sessionId, tokenId, personId } = actor
    const session = sessionId && due(sessionId, now) ? sessionId : undefined
    const token = tokenId && due(tokenId, now) ? tokenId : undefined
    const used = grants.filter((id) => due(personId ? `${id} ${personId}` : id, now))
    if (!session && !token && used.length === 0) return undefined
    return inTransaction(db, { readOnly: false }, async (tx) => {
      if (session) await touchSession(tx, session, ip, now)
      if (token) await touchToken(tx, token, ip, now)
      await grantUsed(tx, used, personId)
    })
  }
  return {
    note: (use: Use): void => {
      const writing = write(use)?.catch(onError)
      if (!writing) return
      under.add(writing)
      void writing.finally(() => under.delete(writing))
    },
    /** Waits for what is being written. */
    async settle(): Promise<void> {
      await Promise.all(under)
    },
  }
}
