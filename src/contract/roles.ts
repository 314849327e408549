import { z } from 'zod'
import { GrantPlace, GrantSubject } from './grants.ts'
import { Id, Moment, Named, Version, prose } from './id.ts'
import { name } from './name.ts'
import { Impact } from './impact.ts'
import { noun } from './operation.ts'
import { Nothing, PageQuery, page } from './page.ts'
import { Permission } from './permissions.ts'

const PermissionSet = z
  .array(Permission)
  .min(1)
  .refine((given) => new Set(given).size === given.length, 'must not name a permission twice')

export const Role = z.strictObject({
  id: Id,
  name: z.string(),
  description: z.string(),
  /** Cannot be edited or deleted; can be copied. */
  builtIn: z.boolean(),
  permissions: z.array(Permission),
  /** How many live grants name it. */
  grants: z.int(),
  createdAt: Moment,
  version: Version,
  allowed: z.array(Permission),
})
export type Role = z.output<typeof Role>

/** One live grant of the role. */
const RoleHolder = z.strictObject({
  grantId: Id,
  subject: GrantSubject,
  scope: GrantPlace,
  expiresAt: Moment.optional(),
})

/** `holders` are the first 200; `grants.list` by role pages through them all. */
export const RoleDetail = Role.extend({ holders: z.array(RoleHolder) })

export const RoleCreate = z.strictObject({
  name: name(100),
  description: prose(1_000).default(''),
  permissions: PermissionSet,
})

const RoleUpdate = z.strictObject({
  name: name(100).optional(),
  description: prose(1_000).optional(),
  permissions: PermissionSet.optional(),
  /** Why, for the event; needed where the change newly permits what was refused (`reason_required`). */
  reason: prose(1_000).optional(),
})

/** What one person would gain and lose in one place. */
const RoleImpactOn = z.strictObject({
  person: Named,
  scope: GrantPlace,
  via: GrantSubject,
  gains: z.array(Permission),
  loses: z.array(Permission),
})

export const RoleImpact = z.strictObject({
  /** Everybody for whom something changes, the first 200. */
  people: z.array(RoleImpactOn),
  /** How many such rows there are. */
  total: z.int(),
  /** Permissions that would be added without the actor holding them: saving would be refused. */
  notHeld: z.array(Permission),
  /** Actions of the last days that would turn; null for who may not see every grant. */
  uses: Impact.nullable(),
})
export type RoleImpact = z.output<typeof RoleImpact>

export const roles = noun({
  list: {
    method: 'GET',
    path: '/roles',
    summary: 'Every role with what it permits',
    may: 'role:view',
    query: PageQuery.extend({ search: z.string().max(100).optional() }),
    returns: page(Role),
  },
  view: {
    method: 'GET',
    path: '/roles/:roleId',
    summary: 'One role, with who holds it: the first 200',
    may: 'role:view',
    returns: RoleDetail,
  },
  impact: {
    method: 'POST',
    path: '/roles/:roleId/impact',
    summary: 'Who would gain or lose what, if the role held these permissions',
    may: 'role:view',
    on: 'any',
    body: z.strictObject({ permissions: z.array(Permission) }),
    returns: RoleImpact,
    readOnly: true,
  },
  create: {
    method: 'POST',
    path: '/roles',
    summary: 'Create a role, also as a copy of another',
    may: 'role:create',
    body: RoleCreate,
    returns: Role,
    stepUp: true,
  },
  update: {
    method: 'PATCH',
    path: '/roles/:roleId',
    summary: 'Change a role: its name and what it permits to everybody who holds it',
    may: 'role:update',
    prepares: true,
    body: RoleUpdate,
    returns: Role,
    stepUp: true,
    ifMatch: true,
  },
  remove: {
    method: 'DELETE',
    path: '/roles/:roleId',
    summary: 'Delete a role that nobody holds; what was granted of it stays in the record',
    may: 'role:delete',
    returns: Nothing,
    stepUp: true,
    ifMatch: true,
  },
})
