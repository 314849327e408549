import { sql, type RawBuilder } from 'kysely'
import type { Config } from '../../config.ts'
import { problem, type ProblemError } from '../../http/problem.ts'
import type { SessionRow } from './store.ts'

export type SessionLimits = Config['session']

/** What tells whether a session is over. */
type Life = Pick<SessionRow, 'startedAt' | 'seenAt' | 'endedAt' | 'expired' | 'endReason'>

const after = (at: Date, seconds: number) => new Date(at.getTime() + seconds * 1000)

/** "30 minutes", "12 hours". */
function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60)
  return minutes >= 120 && minutes % 60 === 0 ? `${minutes / 60} hours` : `${minutes} minutes`
}

/** When a session ends by itself, and why, if nobody uses it again (C5; ASVS 7.3.1, 7.3.2). */
export function endOf(
  { startedAt, seenAt }: Pick<Life, 'startedAt' | 'seenAt'>,
  { idleSeconds, maxAgeSeconds }: SessionLimits,
): { at: Date; reason: string } {
  const used = seenAt && seenAt > startedAt ? seenAt : startedAt
  const [idle, old] = [after(used, idleSeconds), after(startedAt, maxAgeSeconds)]
  return old <= idle
    ? { at: old, reason: `begun more than ${duration(maxAgeSeconds)} ago` }
    : { at: idle, reason: `not used for ${duration(idleSeconds)}` }
}

/** The same moment in SQL, over `session s` and `session_seen seen`. */
export const endsAt = ({ idleSeconds, maxAgeSeconds }: SessionLimits): RawBuilder<Date> =>
  sql<Date>`least(s.started_at + make_interval(secs => ${maxAgeSeconds}),
    greatest(s.started_at, seen.at) + make_interval(secs => ${idleSeconds}))`

/** What a session has come to. */
export function stateOf(row: Life, limits: SessionLimits, now: Date) {
  if (row.endedAt) {
    const state = row.expired ? ('expired' as const) : ('ended' as const)
    return { state, endedAt: row.endedAt, endReason: row.endReason }
  }
  const { at, reason } = endOf(row, limits)
  if (at <= now) return { state: 'expired' as const, endedAt: at, endReason: reason }
  return { state: 'live' as const, endsAt: at }
}

/** The 401 that a request of a session gets which is over; nothing while it is live. */
export function overOf(row: Life, limits: SessionLimits, now: Date): ProblemError | undefined {
  const { state, endReason } = stateOf(row, limits, now)
  if (state === 'live') return undefined
  if (state === 'ended') {
    return problem('session_revoked', 'This session was ended. Sign out, and sign in again.')
  }
  return problem('session_expired', `This session has ended: ${endReason}. Sign in again.`)
}
