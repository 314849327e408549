import { z } from 'zod'
import { Id, Moment, Named } from './id.ts'
import { noun } from './operation.ts'
import { Flag, PageQuery, page } from './page.ts'

export const Session = z.strictObject({
  id: Id,
  person: Named,
  startedAt: Moment,
  authenticatedAt: Moment.optional(),
  acr: z.string().optional(),
  /** How the person proved who they are (RFC 8176). */
  amr: z.array(z.string()),
  ip: z.string(),
  userAgent: z.string(),
  /** Its tokens are worth nothing without this browser's key (RFC 9449). */
  bound: z.boolean(),
  lastSeenAt: Moment.optional(),
  lastIp: z.string().optional(),
  /** Whether it can still be used, was ended by somebody, or ended by itself. */
  state: z.enum(['live', 'ended', 'expired']),
  /** When a live one ends by itself, if it is not used again. */
  endsAt: Moment.optional(),
  endedAt: Moment.optional(),
  endReason: z.string().optional(),
  endedBy: Named.optional(),
  /** The one that asks. */
  current: z.boolean(),
  revocable: z.boolean(),
})
export type Session = z.output<typeof Session>

export const sessions = noun({
  start: {
    method: 'POST',
    path: '/sessions',
    summary: 'Begin a session with a verified access token; the same sign-in begins it once',
    may: 'authenticated',
    returns: z.strictObject({ id: Id, person: Named }),
  },
  mine: {
    method: 'GET',
    path: '/sessions/mine',
    summary: "One's own sessions: where, when and how",
    may: 'signed-in',
    query: PageQuery.extend({ ended: Flag.default(false) }),
    returns: page(Session),
  },
  list: {
    method: 'GET',
    path: '/sessions',
    summary: "Everyone's sessions: where, when and how",
    may: 'session:view',
    query: PageQuery.extend({ person: Id.optional(), ended: Flag.default(false) }),
    returns: page(Session),
  },
  revoke: {
    method: 'POST',
    path: '/sessions/:sessionId/revoke',
    summary:
      "End a session, effective on its very next request; one's own, or anyone's with session:revoke",
    may: 'signed-in',
    returns: Session,
  },
  revokeAll: {
    method: 'POST',
    path: '/sessions/revoke',
    summary:
      "End every session of a person but the one that asks, and their API tokens where that is asked for; one's own, or anyone's with session:revoke (and apiToken:revoke)",
    may: 'signed-in',
    body: z.strictObject({ person: Id, apiTokens: z.boolean().default(false) }),
    /** How many of each were live and have ended. */
    returns: z.strictObject({ sessions: z.int(), apiTokens: z.int() }),
  },
})
