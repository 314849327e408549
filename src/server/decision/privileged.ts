import { sql } from 'kysely'
import type { Permission } from '../../contract/permissions.ts'

/** Permissions by which one widens access, or gets at what secrets open. */
const privileged: readonly Permission[] = [
  'role:create',
  'role:update',
  'grant:create',
  'policy:update',
  'policy:enforce',
  'context:restrict',
  'context:delete',
  'secret:store',
  'trustRule:create',
  'trustRule:update',
  'issuer:create',
  'issuer:update',
  'vault:update',
  'segment:update',
]

/** Whether a joined role, by its alias, holds any of them: a condition of a query. */
export const isPrivileged = (role: string) =>
  sql<boolean>`${sql.ref(`${role}.permissions`)} && ${sql.val([...privileged])}::text[]`
