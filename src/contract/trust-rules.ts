import { z } from 'zod'
import { Id, line, Moment, Named, prose, Version } from './id.ts'
import { Impact, impactDays } from './impact.ts'
import { IssuerKind } from './issuers.ts'
import { name } from './name.ts'
import { noun } from './operation.ts'
import { Nothing, page, PageQuery } from './page.ts'
import { Permission } from './permissions.ts'

const TrustCondition = z.strictObject({
  claim: z.string().regex(/^[\w./:-]{1,100}$/, 'must be the name of a claim'),
  op: z.enum(['eq', 'in', 'glob']),
  values: z.array(line(500)).min(1).max(50),
})

const Conditions = z.array(TrustCondition).min(1).max(20)

export const TrustRule = z.strictObject({
  id: Id,
  name: z.string(),
  issuer: Named.extend({ kind: IssuerKind, url: z.string(), audience: z.string() }),
  project: Named.extend({
    repository: z.string(),
    /** The CI system's own id of it: a token of another is never this project's, whatever its names say. */
    externalId: z.string().nullable(),
  }),
  conditions: z.array(TrustCondition),
  allowForks: z.boolean(),
  allowSshReruns: z.boolean(),
  /** What runs that match are told to run on, where the CI's token does not say. */
  runnerClass: z.string().nullable(),
  lastUsedAt: Moment.nullable(),
  createdAt: Moment,
  createdBy: Named.nullable(),
  version: Version,
  allowed: z.array(Permission),
})
export type TrustRule = z.output<typeof TrustRule>

const terms = {
  name: name(100),
  projectId: Id,
  conditions: Conditions,
  allowForks: z.boolean(),
  allowSshReruns: z.boolean(),
  runnerClass: line(100).nullable(),
}

/** Why, for the event; needed where the change newly permits what was refused (`reason_required`). */
const reason = prose(1_000).optional()

export const trustRules = noun({
  list: {
    method: 'GET',
    path: '/trust-rules',
    summary: 'Rules by which tokens are told to be a project’s',
    may: 'trustRule:view',
    query: PageQuery.extend({ issuerId: Id.optional(), projectId: Id.optional() }),
    returns: page(TrustRule),
  },
  view: {
    method: 'GET',
    path: '/trust-rules/:trustRuleId',
    summary: 'One trust rule',
    may: 'trustRule:view',
    on: 'trustRule',
    returns: TrustRule,
  },
  uses: {
    method: 'GET',
    path: '/trust-rules/:trustRuleId/uses',
    summary:
      'What was given by it in the last 30 days, and what else tells tokens to be the project’s',
    may: 'trustRule:view',
    on: 'trustRule',
    returns: z.strictObject({
      /** Leases that were given by it in the last 30 days, and the runs that asked for them. */
      leases: z.int(),
      runs: z.int(),
      lastLeaseAt: Moment.nullable(),
      /** Other rules by which tokens are told to be the project's. */
      others: z.array(Named),
    }),
  },
  seen: {
    method: 'GET',
    path: '/trust-rules/:trustRuleId/seen',
    summary:
      'What the claims said of the runs that it admitted, by which it can be written more safely',
    may: 'trustRule:view',
    on: 'trustRule',
    returns: z.strictObject({
      /** How far back the record was read. */
      days: z.literal(impactDays),
      /** Decisions about runs that it admits, among those that the reader may see. */
      decisions: z.int(),
      /** Those that a safer rule would be written with; of many values one more than it would list. */
      claims: z.array(z.strictObject({ claim: z.string(), values: z.array(z.string()) })),
    }),
  },
  create: {
    method: 'POST',
    path: '/trust-rules',
    summary: 'Say which tokens of an issuer are a project’s',
    may: 'trustRule:create',
    on: 'any',
    stepUp: true,
    prepares: true,
    body: z.strictObject({
      ...terms,
      issuerId: Id,
      allowForks: terms.allowForks.default(false),
      allowSshReruns: terms.allowSshReruns.default(false),
      runnerClass: terms.runnerClass.default(null),
      reason,
    }),
    returns: TrustRule,
  },
  impact: {
    method: 'POST',
    path: '/trust-rules/:trustRuleId/impact',
    summary: 'Which runs of the last 30 days would turn if the rule were changed or removed',
    may: 'trustRule:update',
    on: 'trustRule',
    readOnly: true,
    body: z.strictObject({
      conditions: terms.conditions.optional(),
      allowForks: terms.allowForks.optional(),
      allowSshReruns: terms.allowSshReruns.optional(),
      removed: z.boolean().default(false),
    }),
    returns: Impact,
  },
  impactOfNew: {
    method: 'POST',
    path: '/trust-rules/impact',
    summary: 'Which runs of the last 30 days would turn if there were such a rule',
    may: 'trustRule:create',
    on: 'any',
    readOnly: true,
    body: z.strictObject({
      issuerId: Id,
      projectId: terms.projectId,
      conditions: terms.conditions,
      allowForks: terms.allowForks.default(false),
      allowSshReruns: terms.allowSshReruns.default(false),
    }),
    returns: Impact,
  },
  update: {
    method: 'PATCH',
    path: '/trust-rules/:trustRuleId',
    summary: 'Change a trust rule',
    may: 'trustRule:update',
    prepares: true,
    on: 'trustRule',
    ifMatch: true,
    stepUp: true,
    body: z.strictObject({
      name: terms.name.optional(),
      conditions: terms.conditions.optional(),
      allowForks: terms.allowForks.optional(),
      allowSshReruns: terms.allowSshReruns.optional(),
      runnerClass: terms.runnerClass.optional(),
      reason,
    }),
    returns: TrustRule,
  },
  remove: {
    method: 'DELETE',
    path: '/trust-rules/:trustRuleId',
    summary: 'Remove a trust rule; runs that only it admitted are refused from now on',
    may: 'trustRule:delete',
    on: 'trustRule',
    ifMatch: true,
    stepUp: true,
    returns: Nothing,
  },
})
