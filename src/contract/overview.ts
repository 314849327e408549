import { z } from 'zod'
import { Id, Moment, Named } from './id.ts'
import { noun } from './operation.ts'
import { AccessPath } from './people.ts'

const Counts = z.strictObject({ permitted: z.int(), would_deny: z.int(), denied: z.int() })
/** Which of a company's first steps were taken, in the order in which each needs those before it. */
const FirstSteps = z.strictObject({
  issuer: z.boolean(),
  project: z.boolean(),
  rule: z.boolean(),
  secret: z.boolean(),
  /** Some context has a restriction: without one no run may use it. */
  restriction: z.boolean(),
  /** Some run was given secrets. */
  lease: z.boolean(),
})
export type FirstStep = keyof z.output<typeof FirstSteps>

const Refusal = z.strictObject({
  id: Id,
  at: Moment,
  actor: z.string(),
  resource: z.string(),
  sentence: z.string(),
})

export const Overview = z.strictObject({
  from: Moment,
  until: Moment,
  /** One point a day, UTC. */
  points: z.array(Counts.extend({ at: Moment })),
  totals: Counts,
  /** The same number of days before. */
  before: Counts,
  /** What people changed, by operation; reads and runs are not among them. */
  changes: z.array(z.strictObject({ action: z.string(), count: z.int() })),
  expiring: z.array(
    z.strictObject({
      id: Id,
      subject: z.string(),
      role: z.string(),
      scope: z.string(),
      at: Moment,
    }),
  ),
  oldestSecrets: z.array(
    z.strictObject({
      context: Named,
      name: z.string(),
      updatedAt: Moment,
      lastUsedAt: Moment.nullable(),
    }),
  ),
  mostUsed: z.array(Counts.extend({ context: Named })),
  mostRefused: z.array(Counts.extend({ context: Named })),
  tried: z.array(z.strictObject({ policy: Named, wouldDenials: z.int() })),
  leases: z.strictObject({
    /** Those that can be redeemed now. */
    live: z.int(),
    /** Leases that somebody tried to redeem again in these days, newest first. */
    shownTwice: z.array(
      z.strictObject({
        id: Id,
        project: z.string(),
        contexts: z.array(z.string()),
        replays: z.int(),
        at: Moment,
      }),
    ),
  }),
  /** Access that stands although nobody needs it. */
  standing: z.strictObject({
    leavers: z.array(Named.extend({ grants: z.int() })),
    idleAdministrators: z.array(Named.extend({ lastSeenAt: Moment.nullable() })),
    closedContexts: z.int(),
  }),
  firstSteps: FirstSteps,
})
export type Overview = z.output<typeof Overview>

/** What one sees first, whoever one is: only what may be seen anyway. */
export const Home = z.strictObject({
  access: z.array(AccessPath),
  /** Projects of one's teams with the last seven days of their runs. */
  projects: z.array(
    z.strictObject({
      project: Named,
      permitted: z.int(),
      denied: z.int(),
      lastRefusal: z.strictObject({ id: Id, at: Moment, sentence: z.string() }).nullable(),
    }),
  ),
  /** Grants that end within 30 days, of people in the teams one leads. */
  ending: z.array(
    z.strictObject({
      id: Id,
      subject: z.string(),
      role: z.string(),
      scope: z.string(),
      at: Moment,
    }),
  ),
  /** The state of the record; absent without `audit:view`. */
  record: z
    .strictObject({
      events: z.int(),
      signed: z.int(),
      pending: z.int(),
      signedAt: Moment.nullable(),
      refusals: z.array(Refusal),
    })
    .optional(),
})
export type Home = z.output<typeof Home>

export const overview = noun({
  view: {
    method: 'GET',
    path: '/overview',
    summary: 'Decisions over time, what changed, what ends, what is old, used and refused',
    may: 'overview:view',
    on: 'organization',
    query: z.strictObject({ days: z.coerce.number().int().min(1).max(90).default(30) }),
    returns: Overview,
  },
  home: {
    method: 'GET',
    path: '/overview/home',
    summary: 'What one may do, the projects of one’s teams, and what waits',
    may: 'signed-in',
    returns: Home,
  },
})
