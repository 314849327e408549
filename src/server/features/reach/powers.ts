import { sql } from 'kysely'
import type { Permission } from '../../../contract/permissions.ts'

/** By which one uses a context, changes what it holds, or lets somebody into it. */
export const powers = [
  'context:use',
  'context:restrict',
  'context:update',
  'context:delete',
  'secret:store',
  'secret:delete',
] as const satisfies readonly Permission[]

/** The same of a segment: of the contexts and projects in it, and of itself. */
const segmentPowers = [
  ...powers,
  'context:create',
  'project:create',
  'project:update',
  'project:delete',
  'lease:revoke',
  'segment:update',
  'segment:delete',
] as const satisfies readonly Permission[]

/** Whether a joined role, by its alias, uses or changes what lies in such a place: a condition of a query. */
export const holdsPower = (role: string, over: 'context' | 'segment') =>
  sql<boolean>`${sql.ref(`${role}.permissions`)} && ${sql.val([...(over === 'context' ? powers : segmentPowers)])}::text[]`
