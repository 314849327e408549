import { z } from 'zod'
import { GrantCreate, GrantPlace, GrantRole, ScopeKind } from './grants.ts'
import { Id, line, Moment, MomentGiven, Named, prose, Version } from './id.ts'
import { noun } from './operation.ts'
import { page, PageQuery } from './page.ts'
import { AccessPath } from './people.ts'
import { Permission } from './permissions.ts'
import { requestLimits } from './request-limits.ts'

/**
 * Waits (`pending`, `asked_back`), is over without access (`denied`, `withdrawn`, `lapsed`: nobody answered in time), or
 * was approved and then is as its grant is: `scheduled`, `active`, `expired` by itself, `revoked` before its end.
 */
export const RequestState = z.enum([
  'pending',
  'asked_back',
  'scheduled',
  'active',
  'expired',
  'revoked',
  'denied',
  'withdrawn',
  'lapsed',
])
export type RequestState = z.infer<typeof RequestState>

/** Who may stand behind a request: a lead of the requester's team or of the owning team, or whoever decides everywhere. */
export const RequestStep = z.enum(['lead', 'security'])
export type RequestStep = z.infer<typeof RequestStep>

/** What the person who looks may do with it now. */
const RequestAct = z.enum(['approve', 'deny', 'askBack', 'answer', 'withdraw', 'end', 'extend'])
export type RequestAct = z.infer<typeof RequestAct>

const Minutes = z.int().min(1).max(requestLimits.minutes)

const Terms = z.strictObject({
  scope: GrantPlace,
  durationMinutes: Minutes,
  /** Absent: as soon as it is approved. */
  startsAt: Moment.optional(),
})

export const AccessRequest = Terms.extend({
  id: Id,
  state: RequestState,
  requester: Named,
  role: GrantRole,
  reason: z.string(),
  ticket: z.string().optional(),
  createdAt: Moment,
  /** When it lapses without an answer. */
  answerBy: Moment,
  decidedAt: Moment.optional(),
  /** What was asked for first, where an approver narrowed it since. */
  asked: Terms.optional(),
  /** The request whose access this one goes on with. */
  extends: Id.optional(),
  grant: z
    .strictObject({
      id: Id,
      startsAt: Moment,
      /** Absent once somebody took its end away. */
      expiresAt: Moment.optional(),
      endedAt: Moment.optional(),
      endedBy: Named.optional(),
      endReason: z.string().optional(),
    })
    .optional(),
  /** How many approvals each step has of how many it needs. */
  steps: z.array(z.strictObject({ step: RequestStep, needed: z.int(), given: z.int() })),
  may: z.array(RequestAct),
  version: Version,
})
export type AccessRequest = z.output<typeof AccessRequest>

const Approver = z.strictObject({
  person: Named,
  step: RequestStep,
  /** Why: “leads Payments, where Sam Rivera is”. */
  because: z.string(),
  /** Holds everything that the role gives there, so that their approval may be the one that makes the grant. */
  holds: z.boolean(),
})

const Risk = z.strictObject({
  level: z.enum(['low', 'medium', 'high', 'critical']),
  /** Each a sentence. */
  because: z.array(z.string()),
})

/** What the role would change there for the requester. */
const Difference = z.strictObject({
  /** Permissions that they do not hold there yet. */
  gains: z.array(Permission),
  has: z.array(Permission),
})

export const AccessRequestDetail = AccessRequest.extend({
  description: z.string(),
  /** The longest that its role may be had at once, as the rule says now. */
  maxMinutes: Minutes,
  difference: Difference,
  approvers: z.array(Approver),
  /** Why the person who looks cannot approve it; absent where they can, and for the requester. */
  whyNot: z.string().optional(),
  history: z.array(
    z.strictObject({
      at: Moment,
      by: Named.optional(),
      kind: z.enum([
        'asked',
        'approved',
        'narrowed',
        'denied',
        'asked_back',
        'answered',
        'withdrawn',
        'lapsed',
        'began',
        'ended',
        'expired',
      ]),
      step: RequestStep.optional(),
      text: z.string(),
    }),
  ),
  /** For those who decide or oversee; absent for the requester. */
  review: z
    .strictObject({
      access: z.array(AccessPath),
      /** Others in the requester's teams, of whom some hold the role, there or above, and some used it in 30 days. */
      peers: z.strictObject({ people: z.int(), hold: z.int(), used: z.int() }),
      risk: Risk,
    })
    .optional(),
})
export type AccessRequestDetail = z.output<typeof AccessRequestDetail>

/** How a role may be asked for. */
export const RequestRule = z.strictObject({
  requestable: z.boolean(),
  /** The longest that may be asked for at once, in minutes. */
  maxMinutes: Minutes,
  /** Approvals by a lead, or by whoever decides everywhere in their stead. */
  leadApprovals: z.int().min(0).max(requestLimits.approvals),
  /** Further approvals by those who may decide on the whole organization. */
  securityApprovals: z.int().min(0).max(requestLimits.approvals),
  /** After how long without a decision a request lapses, in minutes. */
  answerMinutes: z.int().min(5).max(requestLimits.minutes),
})
export type RequestRule = z.infer<typeof RequestRule>

const CatalogueRole = z.strictObject({
  id: Id,
  name: z.string(),
  description: z.string(),
  permissions: z.array(Permission),
  rule: RequestRule,
  /** Of the rule; 0 while the role has the one that every role begins with. */
  version: z.int().min(0),
})
export type CatalogueRole = z.output<typeof CatalogueRole>

const RequestCreate = z.strictObject({
  roleId: Id,
  scope: GrantCreate.shape.scope,
  reason: prose(1_000).min(1),
  ticket: line(100).optional(),
  durationMinutes: Minutes,
  startsAt: MomentGiven.optional(),
  extends: Id.optional(),
})

/** What an approver may make smaller: never longer, never wider. */
const Narrowed = z.strictObject({
  durationMinutes: Minutes.optional(),
  scope: GrantCreate.shape.scope.optional(),
  reason: prose(1_000).default(''),
})

export const requests = noun({
  list: {
    method: 'GET',
    path: '/requests',
    summary:
      'Access requests, newest first: one’s own, those that one decides on, those that one may see',
    may: 'signed-in',
    query: PageQuery.extend({
      which: z.enum(['mine', 'decide', 'all']).default('all'),
      state: RequestState.or(z.literal('open')).optional(),
      role: Id.optional(),
      person: Id.optional(),
    }),
    returns: page(AccessRequest),
  },
  catalogue: {
    method: 'GET',
    path: '/requests/catalogue',
    summary: 'Which roles may be asked for, what each permits, for how long and who must approve',
    may: 'signed-in',
    returns: z.strictObject({ items: z.array(CatalogueRole), configurable: z.boolean() }),
  },
  preview: {
    method: 'GET',
    path: '/requests/preview',
    summary: 'What a role would change for oneself in a place, and who would decide',
    may: 'signed-in',
    query: z.strictObject({ roleId: Id, scope: ScopeKind, scopeId: Id.optional() }),
    returns: z.strictObject({
      difference: Difference,
      approvers: z.array(Approver),
      /** Until when one holds it there already; `null`: without an end. Absent: not held. */
      heldUntil: Moment.nullable().optional(),
    }),
  },
  view: {
    method: 'GET',
    path: '/requests/:requestId',
    summary: 'One access request with all that its decision needs',
    may: 'signed-in',
    returns: AccessRequestDetail,
  },
  create: {
    method: 'POST',
    path: '/requests',
    summary: 'Ask for a role in a place, for a time',
    may: 'signed-in',
    body: RequestCreate,
    returns: AccessRequestDetail,
  },
  approve: {
    method: 'POST',
    path: '/requests/:requestId/approve',
    summary: 'Approve as it stands or narrowed; the last approval that is needed makes the grant',
    may: 'request:approve',
    on: 'any',
    body: Narrowed,
    returns: AccessRequestDetail,
    stepUp: true,
    ifMatch: true,
  },
  deny: {
    method: 'POST',
    path: '/requests/:requestId/deny',
    summary: 'Deny with a reason',
    may: 'request:approve',
    on: 'any',
    body: z.strictObject({ reason: prose(1_000).min(1) }),
    returns: AccessRequestDetail,
    ifMatch: true,
  },
  askBack: {
    method: 'POST',
    path: '/requests/:requestId/ask-back',
    summary: 'Ask the requester something before deciding',
    may: 'request:approve',
    on: 'any',
    body: z.strictObject({ question: prose(1_000).min(1) }),
    returns: AccessRequestDetail,
    ifMatch: true,
  },
  answer: {
    method: 'POST',
    path: '/requests/:requestId/answer',
    summary: 'Answer what an approver asked back',
    may: 'signed-in',
    body: z.strictObject({ answer: prose(1_000).min(1) }),
    returns: AccessRequestDetail,
    ifMatch: true,
  },
  withdraw: {
    method: 'POST',
    path: '/requests/:requestId/withdraw',
    summary: 'Withdraw one’s own request',
    may: 'signed-in',
    body: z.strictObject({ reason: prose(1_000).default('') }),
    returns: AccessRequestDetail,
    ifMatch: true,
  },
  end: {
    method: 'POST',
    path: '/requests/:requestId/end',
    summary:
      'End the access that a request gave before its time: one’s own, or where one may revoke grants',
    may: 'signed-in',
    body: z.strictObject({ reason: prose(1_000).default('') }),
    returns: AccessRequestDetail,
    ifMatch: true,
  },
  setRule: {
    method: 'PUT',
    path: '/requests/rules/:roleId',
    summary: 'Say how a role may be asked for; open requests follow it at once',
    may: 'request:configure',
    on: 'organization',
    body: RequestRule,
    returns: CatalogueRole,
    ifMatch: true,
  },
})
