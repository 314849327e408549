import { z } from 'zod'
import { Id, Moment, Named, prose, Version } from './id.ts'
import { name } from './name.ts'
import { noun } from './operation.ts'
import { Nothing, page, PageQuery } from './page.ts'
import { evaluateDays } from './policy-limits.ts'
import { Permission } from './permissions.ts'
import { PolicyTemplate } from './policy-templates.ts'

/** Checked before any parser sees the text: see `server/decision/policy-limits.ts`, which has those of nesting. */
const policyTextBytes = 16_384

const PolicyMode = z.enum(['draft', 'evaluate', 'enforce'])

const PolicyName = name(120)
const PolicyText = prose(policyTextBytes).refine(
  (text) => new TextEncoder().encode(text).length <= policyTextBytes,
  'must have at most 16 KiB',
)
const Reason = prose(1_000).default('')
/** For how many days it is evaluated, from now. */
const EvaluateDays = z.int().min(1).max(evaluateDays.most)

/** What is wrong with a policy's text, and where: UTF-16 offsets, as editors and JavaScript count. */
export const PolicyProblem = z.strictObject({
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  help: z.string().optional(),
  from: z.int(),
  to: z.int(),
})
export type PolicyProblem = z.infer<typeof PolicyProblem>

export const PolicyCheck = z.strictObject({
  problems: z.array(PolicyProblem),
  /** The permissions that the policy can apply to. */
  actions: z.array(z.string()),
  /** No problem is an error: it may leave draft. */
  valid: z.boolean(),
})
export type PolicyCheck = z.infer<typeof PolicyCheck>

/** Enforcement that one person asked for, and another has not decided on yet. */
const EnforcementAsked = z.strictObject({
  version: Version,
  by: Named,
  at: Moment,
  reason: z.string(),
  /** Whether the reader asked: then another person must approve. */
  mine: z.boolean(),
  /** What exactly this version would change: worked out when it was asked for, or anew since. */
  replayId: Id.nullable(),
})

/** What one statement of a policy, or all of it, did in ninety days of recorded decisions, as it reads now. */
const Usage = z.strictObject({ applies: z.int(), denies: z.int() })
export const PolicyUsage = Usage.extend({
  days: z.int(),
  computedAt: Moment,
  policyVersion: Version,
  /** Statement by statement, in the order of the text. */
  statements: z.array(Usage.extend({ reason: z.string().nullable() })),
})
export type PolicyUsage = z.infer<typeof PolicyUsage>

export const Policy = z.strictObject({
  id: Id,
  name: z.string(),
  description: z.string(),
  mode: PolicyMode,
  /** The newest version written. */
  currentVersion: Version,
  /** The version that is evaluated or enforced; null for a draft. */
  versionInForce: Version.nullable(),
  /** Until when it is tried; null but in evaluate mode. Past it a finding says so; it is evaluated on. */
  evaluateUntil: Moment.nullable(),
  createdAt: Moment,
  createdBy: Named.nullable(),
  /** When the newest version was written. */
  updatedAt: Moment,
  asked: EnforcementAsked.nullable(),
  /** In the last seven days, among the decisions that the reader may see. */
  denials: z.int(),
  wouldDenials: z.int(),
  /** Of the version in force; null for a draft, before it was counted, and for who may not see every decision. */
  usage: PolicyUsage.nullable(),
  version: Version,
  allowed: z.array(Permission),
})
export type Policy = z.infer<typeof Policy>

export const PolicyDetail = Policy.extend({
  /** The newest version's. */
  text: z.string(),
  /** Of the version in force, where it is another. */
  textInForce: z.string().nullable(),
})
export type PolicyDetail = z.infer<typeof PolicyDetail>

export const PolicyVersion = z.strictObject({
  number: Version,
  summary: z.string(),
  author: Named.nullable(),
  createdAt: Moment,
  current: z.boolean(),
  inForce: z.boolean(),
})
export type PolicyVersion = z.infer<typeof PolicyVersion>

/** One request for enforcement and what became of it, newest first. */
export const PolicyApproval = z.strictObject({
  id: Id,
  version: Version,
  askedBy: Named,
  askedAt: Moment,
  reason: z.string(),
  verdict: z.enum(['approved', 'declined', 'withdrawn']).nullable(),
  decidedBy: Named.nullable(),
  decidedAt: Moment.nullable(),
})
export type PolicyApproval = z.infer<typeof PolicyApproval>

export const StarterPolicy = z.strictObject({
  id: z.string(),
  name: z.string(),
  explanation: z.string(),
  text: z.string(),
  examples: z.array(z.strictObject({ says: z.string(), outcome: z.enum(['permitted', 'denied']) })),
})
export type StarterPolicy = z.infer<typeof StarterPolicy>

const Attribute = z.strictObject({
  name: z.string(),
  type: z.string(),
  /** Must be asked with `has` before it is read. */
  optional: z.boolean(),
  says: z.string().optional(),
})
/** What policies can speak of, for completion; `text` is the schema itself, for the engine in the browser. */
export const PolicySchema = z.strictObject({
  text: z.string(),
  entities: z.array(z.strictObject({ name: z.string(), attributes: z.array(Attribute) })),
  actions: z.array(
    z.strictObject({
      name: z.string(),
      says: z.string(),
      principals: z.array(z.string()),
      resources: z.array(z.string()),
      context: z.array(Attribute),
    }),
  ),
})
export type PolicySchema = z.infer<typeof PolicySchema>

const VersionText = PolicyVersion.extend({ text: z.string() })

export const policies = noun({
  list: {
    method: 'GET',
    path: '/policies',
    summary: 'Policies by name, with what they denied and would have denied in seven days',
    may: 'policy:view',
    query: PageQuery.extend({ q: z.string().max(200).optional(), mode: PolicyMode.optional() }),
    returns: page(Policy),
  },
  starters: {
    method: 'GET',
    path: '/policies/starters',
    summary: 'Policies to begin with, explained in plain language',
    may: 'policy:view',
    returns: z.strictObject({ items: z.array(StarterPolicy) }),
  },
  template: {
    method: 'POST',
    path: '/policies/template',
    summary:
      'The text of a policy from a template, filled in: the rules that CircleCI offers as helpers',
    may: 'policy:view',
    on: 'any',
    readOnly: true,
    body: z.strictObject({ of: PolicyTemplate }),
    returns: z.strictObject({ name: z.string(), description: z.string(), text: z.string() }),
  },
  schema: {
    method: 'GET',
    path: '/policies/schema',
    summary: 'What policies can speak of: entities, actions and the facts of each',
    may: 'policy:view',
    returns: PolicySchema,
  },
  validate: {
    method: 'POST',
    path: '/policies/validate',
    summary: 'What is wrong with a policy text, and where',
    may: 'policy:view',
    on: 'any',
    readOnly: true,
    body: z.strictObject({ text: z.string().max(4 * policyTextBytes) }),
    returns: PolicyCheck,
  },
  view: {
    method: 'GET',
    path: '/policies/:policyId',
    summary: 'One policy with its text',
    may: 'policy:view',
    returns: PolicyDetail,
  },
  create: {
    method: 'POST',
    path: '/policies',
    summary: 'Write a new policy, as a draft that nothing asks yet',
    may: 'policy:create',
    body: z.strictObject({
      name: PolicyName,
      description: prose(2_000).default(''),
      text: PolicyText,
      /** One of the library that it begins with: its examples become the policy's tests. */
      starter: z.string().max(60).optional(),
    }),
    returns: PolicyDetail,
  },
  update: {
    method: 'PATCH',
    path: '/policies/:policyId',
    summary: 'Rename or describe a policy, or write its next version; what is in force stays',
    may: 'policy:update',
    on: 'policy',
    ifMatch: true,
    body: z.strictObject({
      name: PolicyName.optional(),
      description: prose(2_000).optional(),
      text: PolicyText.optional(),
      summary: prose(200).optional(),
    }),
    returns: PolicyDetail,
  },
  remove: {
    method: 'DELETE',
    path: '/policies/:policyId',
    summary: 'Delete a policy that is not enforced, with all its versions',
    may: 'policy:delete',
    on: 'policy',
    ifMatch: true,
    returns: Nothing,
  },
  versions: {
    method: 'GET',
    path: '/policies/:policyId/versions',
    summary: 'The versions of a policy, newest first',
    may: 'policy:view',
    query: PageQuery,
    returns: page(PolicyVersion),
  },
  compare: {
    method: 'GET',
    path: '/policies/:policyId/compare',
    summary: 'The texts of two versions, to be seen side by side',
    may: 'policy:view',
    query: z.strictObject({
      from: z.coerce.number().int().min(1),
      until: z.coerce.number().int().min(1),
    }),
    returns: z.strictObject({ from: VersionText, until: VersionText }),
  },
  rollback: {
    method: 'POST',
    path: '/policies/:policyId/rollback',
    summary: 'Write an earlier version again, as the newest',
    may: 'policy:update',
    on: 'policy',
    ifMatch: true,
    body: z.strictObject({ to: Version }),
    returns: PolicyDetail,
  },
  setMode: {
    method: 'POST',
    path: '/policies/:policyId/mode',
    summary:
      'Put a version into evaluate mode until a date, prolong that, or put the policy back into draft',
    may: 'policy:update',
    on: 'policy',
    ifMatch: true,
    body: z.strictObject({
      mode: z.enum(['draft', 'evaluate']),
      /** Which version is evaluated; the newest unless given. */
      policyVersion: Version.optional(),
      /** Needed where nothing but the date changes, for longer with the reason; 30 otherwise unless given. */
      evaluateDays: EvaluateDays.optional(),
      reason: Reason,
    }),
    returns: PolicyDetail,
  },
  approvals: {
    method: 'GET',
    path: '/policies/:policyId/approvals',
    summary: 'Who asked for enforcement, and who decided on it, newest first',
    may: 'policy:view',
    returns: z.strictObject({ items: z.array(PolicyApproval) }),
  },
  askEnforcement: {
    method: 'POST',
    path: '/policies/:policyId/enforcement',
    summary: 'Ask that a version be enforced; another person must approve',
    may: 'policy:enforce',
    on: 'policy',
    stepUp: true,
    ifMatch: true,
    body: z.strictObject({ policyVersion: Version.optional(), reason: Reason }),
    returns: PolicyDetail,
  },
  approveEnforcement: {
    method: 'POST',
    path: '/policies/:policyId/enforcement/approve',
    summary: 'Enforce what somebody else asked for',
    may: 'policy:enforce',
    on: 'policy',
    stepUp: true,
    ifMatch: true,
    body: z.strictObject({ reason: Reason }),
    returns: PolicyDetail,
  },
  replayAsked: {
    method: 'POST',
    path: '/policies/:policyId/enforcement/replay',
    summary: 'Work out anew what the version that enforcement is asked for would change',
    may: 'policy:enforce',
    on: 'policy',
    returns: PolicyDetail,
  },
  declineEnforcement: {
    method: 'POST',
    path: '/policies/:policyId/enforcement/decline',
    summary: 'Decline what somebody else asked for',
    may: 'policy:enforce',
    on: 'policy',
    ifMatch: true,
    returns: PolicyDetail,
  },
  withdraw: {
    method: 'POST',
    path: '/policies/:policyId/enforcement/withdraw',
    summary: 'Take back what one asked for oneself',
    may: 'policy:enforce',
    on: 'policy',
    ifMatch: true,
    returns: PolicyDetail,
  },
  endEnforcement: {
    method: 'POST',
    path: '/policies/:policyId/enforcement/end',
    summary: 'Stop enforcing a policy: it is evaluated only, or a draft again',
    may: 'policy:enforce',
    on: 'policy',
    stepUp: true,
    ifMatch: true,
    body: z.strictObject({
      mode: z.enum(['draft', 'evaluate']),
      evaluateDays: EvaluateDays.optional(),
      reason: Reason,
    }),
    returns: PolicyDetail,
  },
})
