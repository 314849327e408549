import { permissions, type Permission } from './permissions.ts'

export interface BuiltInRole {
  /** Fixed in every installation, so that scripts and migrations can name it. */
  readonly id: string
  readonly name: string
  readonly description: string
  readonly permissions: readonly Permission[]
}

const seeWork: readonly Permission[] = [
  'person:view',
  'team:view',
  'role:view',
  'grant:view',
  'segment:view',
  'project:view',
  'pipeline:view',
  'context:view',
  'policy:view',
  'decision:view',
  'issuer:view',
  'trustRule:view',
  'lease:view',
  'vault:view',
  'federation:view',
]

/**
 * The roles that every installation has: nobody can edit or delete them, everybody with `role:create` can copy them.
 * Migration 0003 seeds them; `built-in-roles.test.ts` holds the two equal.
 */
export const builtInRoles = {
  securityAdmin: {
    id: '00000000-0000-7000-8000-000000000001',
    name: 'Security admin',
    description: 'Everything: roles, grants, contexts, policies, sessions and the audit trail.',
    permissions,
  },
  teamLead: {
    id: '00000000-0000-7000-8000-000000000002',
    name: 'Team lead',
    description:
      'Runs what a team owns: its members, projects, contexts and secrets, and who may reach them.',
    permissions: [
      ...seeWork,
      'team:update',
      'grant:create',
      'grant:revoke',
      'request:view',
      'request:approve',
      'review:view',
      'review:run',
      'project:create',
      'project:update',
      'pipeline:check',
      'context:create',
      'context:update',
      'context:restrict',
      'context:use',
      'secret:store',
      'secret:delete',
      'lease:revoke',
      'finding:view',
      'finding:update',
      'apiToken:create',
    ],
  },
  auditor: {
    id: '00000000-0000-7000-8000-000000000003',
    name: 'Auditor',
    description:
      'Sees everything and changes nothing; searches the audit trail and takes evidence away.',
    permissions: [
      ...seeWork,
      'request:view',
      'review:view',
      'finding:view',
      'compliance:view',
      'audit:view',
      'audit:export',
      'session:view',
      'apiToken:view',
      'apiToken:create',
      'overview:view',
    ],
  },
  developer: {
    id: '00000000-0000-7000-8000-000000000004',
    name: 'Developer',
    description:
      'Sees projects, contexts and decisions, and uses contexts in runs that the restrictions admit.',
    permissions: [...seeWork, 'pipeline:check', 'context:use', 'apiToken:create'],
  },
} as const satisfies Readonly<Record<string, BuiltInRole>>
