import type { Permission } from '../../contract/permissions.ts'
import type { Actor, Decision, Resource } from './types.ts'

/** The decision point under the policies that are, or would be, in force, for whoever is asked about. */
export type DecideFor = (
  actor: Actor,
  action: Permission,
  resource: Resource,
  facts: Readonly<{ [name: string]: unknown }>,
) => Decision

export interface LockOutQuestion {
  /** Those who hold every permission on the organization. */
  readonly administrators: readonly Actor[]
  /** The policy that is about to be enforced; any, when something else changes. */
  readonly policyId?: string
  readonly now: Date
  /** Where the person who enforces sits: an administrator can be expected to come from there again. */
  readonly ip: string
}

const place = (kind: Resource['kind'], id: string): Resource => ({ kind, id, name: id, within: {} })

/** What an administrator must still be able to do: change roles, grants and policies, or nobody could ever undo it. */
function management({ policyId }: LockOutQuestion): readonly (readonly [Permission, Resource])[] {
  const organization = place('organization', 'organization')
  const [role, grant, policy] = [
    place('role', 'any'),
    place('grant', 'any'),
    place('policy', policyId ?? 'any'),
  ]
  return [
    ['policy:view', policy],
    ['policy:update', policy],
    ['policy:enforce', policy],
    ['role:view', organization],
    ['role:create', organization],
    ['role:update', role],
    ['grant:view', organization],
    ['grant:create', organization],
    ['grant:revoke', grant],
  ]
}

const hour = 3_600_000
/** Now, and then some hour of a day in a week, a month and a year: what forbids at night only locks nobody out. */
const spans = [
  [0],
  ...[7, 30, 365].map((days) => Array.from({ length: 24 }, (_, at) => days * 24 + at)),
]

/**
 * The permissions by which the policies would lock out every administrator, freshly signed in; empty when at least one
 * of them could manage roles, grants and policies. Asks the same decision point as every request does.
 */
export function lockedOut(decide: DecideFor, question: LockOutQuestion): readonly Permission[] {
  const { administrators, now, ip } = question
  const asked = management(question)
  for (const span of spans) {
    const refusals = new Set<Permission>()
    const open = span.some((hours) =>
      administrators.some((administrator) => {
        const at = new Date(now.getTime() + hours * hour)
        const actor = { ...administrator, authenticatedAt: at }
        const facts = { now: at, ip, client: 'person' }
        const refused = asked.find(
          ([action, resource]) => decide(actor, action, resource, facts).outcome === 'denied',
        )
        if (refused) refusals.add(refused[0])
        return !refused
      }),
    )
    if (!open) return [...refusals]
  }
  return []
}
