import { builtInRoles } from '../../contract/built-in-roles.ts'
import type { Permission } from '../../contract/permissions.ts'

/** The built-in roles that would permit something: what a refusal names as its remedy. */
export const rolesWith = (permission: Permission): string[] =>
  Object.values(builtInRoles)
    .filter((role) => role.permissions.includes(permission))
    .map((role) => role.name)
