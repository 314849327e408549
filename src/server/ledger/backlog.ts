import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'

/** What waits for its place in the record. */
export interface Backlog {
  readonly pending: number
  /** How long the oldest has waited; 0 when nothing waits. */
  readonly oldestSeconds: number
}

/** Beyond these no change is taken any more: a queue that nobody empties must not grow silently (ledger.md C1). */
const most: Backlog = { pending: 1_000_000, oldestSeconds: 60 }
/** From here on somebody should look at it. */
export const behindSeconds = 5

export const overfull = ({ pending, oldestSeconds }: Backlog): boolean =>
  pending > most.pending || oldestSeconds > most.oldestSeconds

async function readBacklog(db: Db): Promise<Backlog> {
  // Counted no further than it matters: a queue of millions must not be read through every second.
  const { rows } = await sql<Backlog>`
    select (select count(*) from (select 1 from audit_queue limit ${most.pending + 1}) waiting) as pending,
      coalesce(extract(epoch from clock_timestamp() - (select queued_at from audit_queue order by xid, event_id limit 1)), 0)::float8
        as "oldestSeconds"`.execute(db)
  return rows[0] ?? { pending: 0, oldestSeconds: 0 }
}

export interface BacklogWatch {
  /** As it is now. */
  measure(): Promise<Backlog>
  /** As it was at most a few seconds ago: what every change can afford to ask. */
  recent(): Promise<Backlog>
}

/** Looks at the queue at most once a second, and makes nobody wait for it while what is known is young enough. */
export function watchBacklog(db: Db, now = () => performance.now()): BacklogWatch {
  let known: { readonly at: number; readonly backlog: Backlog } | undefined
  let looking: Promise<Backlog> | undefined
  const measure = () => {
    looking ??= readBacklog(db)
      .then((backlog) => {
        known = { at: now(), backlog }
        return backlog
      })
      .finally(() => {
        looking = undefined
      })
    return looking
  }
  return {
    measure,
    async recent() {
      const age = known ? now() - known.at : Infinity
      if (!known || age > 5_000) return measure()
      // A look that fails is made again when what is known has become too old.
      if (age > 1_000) measure().catch(() => {})
      return known.backlog
    },
  }
}
