import { z } from 'zod'
import { CicdRisk, Severity } from './findings.ts'
import { Id, Moment, MomentGiven, Named } from './id.ts'
import { noun } from './operation.ts'

/** Whole days (UTC) that touch the range; the last thirty where none is given, at most 366. */
const range = { from: MomentGiven.optional(), until: MomentGiven.optional() }
const Range = z.strictObject(range)

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

const Standing = z.strictObject({ standing: z.int(), ending: z.int(), requested: z.int() })

export const risk = noun({
  posture: {
    method: 'GET',
    path: '/risk/posture',
    summary: 'The score by day, and the findings that moved it',
    may: 'finding:view',
    query: Range.extend({ segment: Id.optional() }),
    returns: Posture,
  },
  heat: {
    method: 'GET',
    path: '/risk/heat',
    summary: 'Open findings by project and kind of risk (OWASP Top 10 CI/CD)',
    may: 'finding:view',
    returns: z.strictObject({
      /** Those with the most weight first; at most 40. */
      projects: z.array(Named),
      cells: z.array(
        z.strictObject({ project: Id, risk: CicdRisk, count: z.int(), worst: Severity }),
      ),
      /** Open findings of projects beyond those. */
      others: z.int(),
    }),
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
})
