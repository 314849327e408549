import type { Permission } from '../../contract/permissions.ts'
import type { Actor, LiveGrant, Reach, Resource } from './types.ts'

/** The grants that hold one permission, by where they hold. */
interface Held {
  readonly everywhere: LiveGrant[]
  /** Keyed `segment:<id>`, `project:<id>`, `context:<id>`. */
  readonly scoped: Map<string, LiveGrant[]>
}

/** `asked`: once; a page that asks again and again is worth an index, a single decision is not. */
const indexes = new WeakMap<Actor, Map<Permission, Held | 'asked'>>()

const scopeKinds = ['segment', 'project', 'context'] as const

/** The live grants that permit the action on the resource; none means denied. */
export function covering(
  actor: Actor,
  permission: Permission,
  { within }: Resource,
): readonly LiveGrant[] {
  let index = indexes.get(actor)
  if (!index) indexes.set(actor, (index = new Map()))
  let held = index.get(permission)
  if (held === undefined) {
    index.set(permission, 'asked')
    return actor.grants.filter(
      ({ scope, permissions }) =>
        (scope.kind === 'organization' ||
          // A scope that has lost its object holds nowhere, never everywhere.
          (scope.id !== undefined && within[scope.kind] === scope.id)) &&
        permissions.has(permission),
    )
  }
  if (held === 'asked') index.set(permission, (held = heldBy(actor, permission)))
  const found = [...held.everywhere]
  if (held.scoped.size === 0) return found
  for (const kind of scopeKinds) {
    const id = within[kind]
    if (id) found.push(...(held.scoped.get(`${kind}:${id}`) ?? []))
  }
  return found
}

function heldBy(actor: Actor, permission: Permission): Held {
  const held: Held = { everywhere: [], scoped: new Map() }
  for (const grant of actor.grants) {
    if (!grant.permissions.has(permission)) continue
    if (grant.scope.kind === 'organization') held.everywhere.push(grant)
    else if (grant.scope.id) {
      const key = `${grant.scope.kind}:${grant.scope.id}`
      const there = held.scoped.get(key)
      if (there) there.push(grant)
      else held.scoped.set(key, [grant])
    }
  }
  return held
}

/** Grants that hold the permission, but somewhere else: they make a refusal's sentence useful. */
export function elsewhere(actor: Actor, permission: Permission): readonly LiveGrant[] {
  return [...heldBy(actor, permission).scoped.values()].flat()
}

/** Whether a permission with this reach is held at all, be it in one place. */
export const heldSomewhere = ({ everywhere, segments, projects, contexts }: Reach): boolean =>
  everywhere || segments.length + projects.length + contexts.length > 0

export function reachOf(actor: Actor, permission: Permission): Reach {
  const held = heldBy(actor, permission)
  const ids = (kind: (typeof scopeKinds)[number]) =>
    [...held.scoped.keys()]
      .filter((key) => key.startsWith(`${kind}:`))
      .map((key) => key.slice(kind.length + 1))
  return {
    everywhere: held.everywhere.length > 0,
    segments: ids('segment'),
    projects: ids('project'),
    contexts: ids('context'),
  }
}
