import { z } from 'zod'
import { CicdRisk, Severity } from './findings.ts'
import { Id, Moment, Named } from './id.ts'
import { noun } from './operation.ts'
import { inOrder, range } from './range.ts'
import { placeAsked } from './scores.ts'

/** Whole days (UTC) that touch the range; the last thirty where none is given, at most 366. */
const Range = inOrder(z.strictObject(range))

const Days = z.strictObject({ from: Moment, until: Moment })

/** Why a run or a request was refused: the layer of the decision that denied. */
const Cause = z.enum([
  'identity',
  'grant',
  'restriction',
  'segment',
  'policy',
  'approval',
  'unknown',
])

const Posture = Days.extend({
  /** Days without a score are left out. */
  points: z.array(z.strictObject({ at: Moment, score: z.number() })),
  /** The last score of the range, of the range before, and of all before that. */
  now: z.number().nullable(),
  before: z.number().nullable(),
  /** What findings did to it, the newest first. */
  moved: z.array(
    z.strictObject({
      at: Moment,
      finding: Id,
      detection: z.string(),
      title: z.string(),
      turn: z.enum(['opened', 'reopened', 'muted', 'accepted', 'resolved']),
      says: z.string(),
      severity: Severity,
      /** What it gave or took, by today's arithmetic; absent where nothing is known of it. */
      points: z.number().nullable(),
    }),
  ),
  /** There are further ones. */
  more: z.boolean(),
})
export type Posture = z.output<typeof Posture>

const Heat = Days.extend({
  /** The end of the range, or now where that is still to come. */
  at: Moment,
  /** Why nothing is known of the end of the range, and of the end of the one before. */
  unavailable: z.string().nullable(),
  beforeUnavailable: z.string().nullable(),
  /** Those with the most weight first; at most 40. */
  projects: z.array(Named),
  cells: z.array(
    z.strictObject({
      project: Id,
      risk: CicdRisk,
      count: z.int(),
      /** When the range began; absent where nothing is known of that. */
      before: z.int().nullable(),
      /** Of those that are open. */
      worst: Severity.nullable(),
    }),
  ),
  /** Open findings of projects beyond those. */
  others: z.int(),
  /** Of all projects. */
  total: z.int(),
  totalBefore: z.int().nullable(),
})
export type Heat = z.output<typeof Heat>

const Standing = z.strictObject({ standing: z.int(), ending: z.int(), requested: z.int() })

const Reviewed = z.strictObject({
  /** Lines that somebody answered. */
  answered: z.int(),
  /** Lines that nobody answered in time. */
  byRule: z.int(),
  /** Reviews that were signed off by the day they were due, and later. */
  inTime: z.int(),
  late: z.int(),
})

export const risk = noun({
  posture: {
    method: 'GET',
    path: '/risk/posture',
    summary: 'The score by day, and the findings that moved it',
    may: 'finding:view',
    query: inOrder(z.strictObject({ ...range, ...placeAsked })),
    returns: Posture,
  },
  heat: {
    method: 'GET',
    path: '/risk/heat',
    summary:
      'Findings by project and kind of risk (OWASP Top 10 CI/CD) that are open at the end of the range, and were before it began',
    may: 'finding:view',
    query: Range,
    returns: Heat,
  },
  secrets: {
    method: 'GET',
    path: '/risk/secrets',
    summary: 'Secrets by their age and by how many projects reach them',
    may: 'context:view',
    returns: z.strictObject({
      cells: z.array(
        z.strictObject({
          age: z.enum(['month', 'quarter', 'half', 'year', 'older']),
          reach: z.enum(['none', 'one', 'few', 'some', 'many']),
          count: z.int(),
        }),
      ),
      total: z.int(),
      /** Contexts with the oldest secrets that many projects reach: age in days × projects. */
      worst: z.array(
        z.strictObject({
          context: Named,
          secrets: z.int(),
          projects: z.int(),
          oldestAt: Moment,
        }),
      ),
    }),
  },
  privileged: {
    method: 'GET',
    path: '/risk/privileged',
    summary: 'Privileged grants by day: without an end, with one, and from a request',
    may: 'grant:view',
    query: Range,
    returns: Days.extend({
      points: z.array(Standing.extend({ at: Moment })),
      /** On the last day, and on the last day of the range before. */
      now: Standing,
      before: Standing,
    }),
  },
  refusals: {
    method: 'GET',
    path: '/risk/refusals',
    summary: 'Refusals by day and by the layer that refused',
    may: 'decision:view',
    query: Range,
    returns: Days.extend({
      points: z.array(z.strictObject({ at: Moment, cause: Cause, count: z.int() })),
      causes: z.array(z.strictObject({ cause: Cause, now: z.int(), before: z.int() })),
    }),
  },
  requests: {
    method: 'GET',
    path: '/risk/requests',
    summary: 'Access requests by day: asked, answered and lapsed, and how long an answer took',
    may: 'request:view',
    query: Range,
    returns: Days.extend({
      points: z.array(
        z.strictObject({ at: Moment, asked: z.int(), answered: z.int(), lapsed: z.int() }),
      ),
      /** Median time from asking to the answer, of those answered in the range. */
      medianMinutes: z.number().nullable(),
      medianMinutesBefore: z.number().nullable(),
      asked: z.int(),
      askedBefore: z.int(),
      lapsed: z.int(),
      lapsedBefore: z.int(),
      /** That wait for an answer now. */
      open: z.int(),
    }),
  },
  reviews: {
    method: 'GET',
    path: '/risk/reviews',
    summary: 'Lines of access reviews by day: kept, ended and decided by rule; and reviews in time',
    may: 'review:view',
    query: Range,
    returns: Days.extend({
      points: z.array(
        z.strictObject({ at: Moment, kept: z.int(), ended: z.int(), byRule: z.int() }),
      ),
      now: Reviewed,
      before: Reviewed,
      /** That reviewers answer now, and those of them whose day has passed. */
      running: z.int(),
      overdue: z.int(),
    }),
  },
})
