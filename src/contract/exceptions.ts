import { z } from 'zod'
import { exceptionLimits } from './exception-limits.ts'
import { Impact } from './impact.ts'
import { Id, Moment, Named, prose, Version } from './id.ts'
import { noun } from './operation.ts'
import { page, PageQuery } from './page.ts'

/** Waits; is over without an effect (`denied`, `withdrawn`, `lapsed`); or was approved: `active`, `expired`, `ended` before. */
export const ExceptionState = z.enum([
  'pending',
  'active',
  'expired',
  'ended',
  'denied',
  'withdrawn',
  'lapsed',
])
export type ExceptionState = z.infer<typeof ExceptionState>

const ExceptionAct = z.enum(['approve', 'deny', 'withdraw', 'end'])
export type ExceptionAct = z.infer<typeof ExceptionAct>

const Minutes = z.int().min(exceptionLimits.least).max(exceptionLimits.most)

/** What was deleted since has no id. */
const Was = z.strictObject({ id: Id.optional(), name: z.string() })

export const UseException = z.strictObject({
  id: Id,
  state: ExceptionState,
  requester: Named,
  project: Was,
  context: Was,
  /** One of both: exactly this branch, or this tag. */
  branch: z.string().optional(),
  tag: z.string().optional(),
  minutes: z.int(),
  reason: z.string(),
  /** The refusal that it was asked from. */
  decision: Id,
  createdAt: Moment,
  /** When it lapses without an answer. */
  answerBy: Moment,
  decidedAt: Moment.optional(),
  decidedBy: Named.optional(),
  answer: z.string().optional(),
  expiresAt: Moment.optional(),
  endedAt: Moment.optional(),
  endedBy: Named.optional(),
  version: Version,
})
export type UseException = z.output<typeof UseException>

export const UseExceptionDetail = UseException.extend({
  /** What the person who looks may do with it now. */
  may: z.array(ExceptionAct),
  /** Why they cannot decide on it, where they cannot. */
  whyNot: z.string().optional(),
})
export type UseExceptionDetail = z.output<typeof UseExceptionDetail>

/**
 * What an exception would have done to the recorded refusals of the last days, of its project's runs on its branch or tag
 * that wanted the context: which it would have permitted, and which something else refuses all the same.
 */
export const ExceptionImpact = Impact.extend({
  /** Stay refused, all counted. */
  stillRefused: z.int(),
  /** By what, most often first: forks and reruns with SSH, a segment, a policy. */
  refusedBy: z.array(
    z.strictObject({
      sentence: z.string(),
      count: z.int(),
      /** The newest of them. */
      decision: Id,
      at: Moment,
    }),
  ),
})
export type ExceptionImpact = z.output<typeof ExceptionImpact>

export const exceptions = noun({
  list: {
    method: 'GET',
    path: '/exceptions',
    summary:
      'Exceptions from restrictions, newest first: one’s own, and those of contexts that one may see',
    may: 'signed-in',
    query: PageQuery.extend({
      which: z.enum(['mine', 'all']).default('all'),
      state: ExceptionState.optional(),
      context: Id.optional(),
      project: Id.optional(),
    }),
    returns: page(UseException),
  },
  view: {
    method: 'GET',
    path: '/exceptions/:exceptionId',
    summary: 'One exception, with what one may do with it',
    may: 'signed-in',
    returns: UseExceptionDetail,
  },
  create: {
    method: 'POST',
    path: '/exceptions',
    summary:
      'Ask that runs like one that was refused may use the context for a time: of its project, on its branch or tag',
    may: 'signed-in',
    body: z.strictObject({
      decisionId: Id,
      minutes: Minutes.default(exceptionLimits.usual),
      reason: prose(1_000).min(1),
    }),
    returns: UseExceptionDetail,
  },
  impact: {
    method: 'POST',
    path: '/exceptions/impact',
    summary: 'Before it is asked for: which refusals of the last 30 days it would have permitted',
    may: 'signed-in',
    readOnly: true,
    body: z.strictObject({ decisionId: Id }),
    returns: ExceptionImpact,
  },
  review: {
    method: 'GET',
    path: '/exceptions/:exceptionId/impact',
    summary:
      'Before it is decided on: which refusals of the last 30 days an exception would have permitted',
    may: 'signed-in',
    returns: ExceptionImpact,
  },
  approve: {
    method: 'POST',
    path: '/contexts/:contextId/exceptions/:exceptionId/approve',
    summary: 'Admit the runs for the time asked for, or a shorter one, from now on',
    may: 'context:restrict',
    on: 'context',
    body: z.strictObject({ minutes: Minutes.optional(), reason: prose(1_000).default('') }),
    returns: UseExceptionDetail,
    stepUp: true,
    ifMatch: true,
  },
  deny: {
    method: 'POST',
    path: '/contexts/:contextId/exceptions/:exceptionId/deny',
    summary: 'Deny an exception with a reason',
    may: 'context:restrict',
    on: 'context',
    body: z.strictObject({ reason: prose(1_000).min(1) }),
    returns: UseExceptionDetail,
    ifMatch: true,
  },
  end: {
    method: 'POST',
    path: '/contexts/:contextId/exceptions/:exceptionId/end',
    summary: 'End an exception before its time; the next run is refused',
    may: 'context:restrict',
    on: 'context',
    body: z.strictObject({ reason: prose(1_000).default('') }),
    returns: UseExceptionDetail,
    ifMatch: true,
  },
  withdraw: {
    method: 'POST',
    path: '/exceptions/:exceptionId/withdraw',
    summary: 'Withdraw what one asked for, or end what it gave',
    may: 'signed-in',
    body: z.strictObject({ reason: prose(1_000).default('') }),
    returns: UseExceptionDetail,
    ifMatch: true,
  },
})
