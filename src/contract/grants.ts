import { z } from 'zod'
import { Id, Moment, MomentGiven, Named, Version, prose } from './id.ts'
import { Impact } from './impact.ts'
import { noun } from './operation.ts'
import { Flag, PageQuery, page } from './page.ts'
import { Permission } from './permissions.ts'

export const ScopeKind = z.enum(['organization', 'segment', 'project', 'context'])
export type ScopeKind = z.infer<typeof ScopeKind>

/** Whom a grant is for. */
export const GrantSubject = z.strictObject({
  kind: z.enum(['person', 'team']),
  id: Id,
  name: z.string(),
})

/** Where a grant holds; `id` is absent for the organization, and where the object is gone. */
export const GrantPlace = z.strictObject({
  kind: ScopeKind,
  id: Id.optional(),
  name: z.string(),
})

const GrantState = z.enum(['scheduled', 'live', 'expired', 'ended'])

/** What was granted; `id` is absent where the role has been deleted since. */
export const GrantRole = z.strictObject({ id: Id.optional(), name: z.string() })

export const Grant = z.strictObject({
  id: Id,
  role: GrantRole,
  subject: GrantSubject,
  scope: GrantPlace,
  reason: z.string(),
  state: GrantState,
  /** When it begins, where that was later than when it was granted. */
  startsAt: Moment.optional(),
  expiresAt: Moment.optional(),
  /** Absent for the first administrator, whom the settings name. */
  grantedBy: Named.optional(),
  grantedAt: Moment,
  lastUsedAt: Moment.optional(),
  endedAt: Moment.optional(),
  endedBy: Named.optional(),
  endReason: z.string().optional(),
  version: Version,
  allowed: z.array(Permission),
})
export type Grant = z.output<typeof Grant>

export const GrantCreate = z.strictObject({
  roleId: Id,
  subject: z.strictObject({ kind: z.enum(['person', 'team']), id: Id }),
  scope: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('organization') }),
    z.strictObject({ kind: z.enum(['segment', 'project', 'context']), id: Id }),
  ]),
  expiresAt: MomentGiven.optional(),
  reason: prose(1_000),
})
export type GrantCreate = z.infer<typeof GrantCreate>

const GrantUpdate = z.strictObject({
  /** `null` takes the end away. */
  expiresAt: MomentGiven.nullable().optional(),
  reason: prose(1_000).optional(),
})

export const GrantQuery = PageQuery.extend({
  /** Grants that reach this person, directly or by a team. */
  person: Id.optional(),
  team: Id.optional(),
  role: Id.optional(),
  scope: ScopeKind.optional(),
  scopeId: Id.optional(),
  expiringWithinDays: z.coerce.number().int().min(1).max(3_650).optional(),
  withoutExpiry: Flag.optional(),
  state: GrantState.or(z.literal('any')).default('live'),
})

/** One new grant, or grants that would end. */
const GrantImpactAsked = z.strictObject({
  create: GrantCreate.pick({ roleId: true, subject: true, scope: true }).optional(),
  grantIds: z.array(Id).min(1).max(200).optional(),
})

export const grants = noun({
  list: {
    method: 'GET',
    path: '/grants',
    summary: 'Who holds which role, where and until when',
    may: 'grant:view',
    query: GrantQuery,
    returns: page(Grant),
  },
  view: {
    method: 'GET',
    path: '/grants/:grantId',
    summary: 'One grant',
    may: 'grant:view',
    on: 'grant',
    returns: Grant,
  },
  create: {
    method: 'POST',
    path: '/grants',
    summary: 'Grant a role whose every permission one holds in the same scope',
    may: 'grant:create',
    on: 'any',
    body: GrantCreate,
    returns: Grant,
    stepUp: true,
  },
  impact: {
    method: 'POST',
    path: '/grants/impact',
    summary: 'Which actions of the last 30 days would turn if a role were granted, or grants ended',
    may: 'grant:view',
    on: 'any',
    readOnly: true,
    body: GrantImpactAsked,
    returns: Impact,
  },
  update: {
    method: 'PATCH',
    path: '/grants/:grantId',
    summary: 'Set, move or take away the end of a grant',
    may: 'grant:create',
    on: 'grant',
    body: GrantUpdate,
    returns: Grant,
    stepUp: true,
    ifMatch: true,
  },
  revoke: {
    method: 'POST',
    path: '/grants/:grantId/revoke',
    summary: 'End a grant at once',
    may: 'grant:revoke',
    on: 'grant',
    body: z.strictObject({ reason: prose(1_000).default('') }),
    returns: Grant,
    stepUp: true,
    ifMatch: true,
  },
  revokeMany: {
    method: 'POST',
    path: '/grants/revoke',
    summary: 'End several grants at once: all of them, or none',
    may: 'grant:revoke',
    on: 'any',
    body: z.strictObject({
      grantIds: z.array(Id).min(1).max(200),
      reason: prose(1_000).default(''),
    }),
    returns: z.strictObject({ revoked: z.int() }),
    stepUp: true,
  },
})
