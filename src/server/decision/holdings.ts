import type { Permission } from '../../contract/permissions.ts'
import type { Actor, LiveGrant, Reach, Resource } from './types.ts'

/** The grants that hold one permission, by where they hold. */
interface Held {
  readonly everywhere: LiveGrant[]
  /** Keyed `segment:<id>`, `project:<id>`, `context:<id>`. */
  readonly scoped: Map<string, LiveGrant[]>
}

const indexes = new WeakMap<Actor, Map<Permission, Held>>()

/** Indexed once an actor: a thousand grants are then one look-up a decision. */
function heldBy(actor: Actor): Map<Permission, Held> {
  const known = indexes.get(actor)
  if (known) return known
  const index = new Map<Permission, Held>()
  for (const grant of actor.grants) {
    // A scope that has lost its object holds nowhere, never everywhere.
    if (grant.scope.kind !== 'organization' && !grant.scope.id) continue
    for (const permission of grant.permissions) {
      let held = index.get(permission)
      if (!held) index.set(permission, (held = { everywhere: [], scoped: new Map() }))
      if (grant.scope.kind === 'organization') held.everywhere.push(grant)
      else {
        const key = `${grant.scope.kind}:${grant.scope.id}`
        const there = held.scoped.get(key)
        if (there) there.push(grant)
        else held.scoped.set(key, [grant])
      }
    }
  }
  indexes.set(actor, index)
  return index
}

const scopeKinds = ['segment', 'project', 'context'] as const

/** The live grants that permit the action on the resource; none means denied. */
export function covering(
  actor: Actor,
  permission: Permission,
  resource: Resource,
): readonly LiveGrant[] {
  const held = heldBy(actor).get(permission)
  if (!held) return []
  const found = [...held.everywhere]
  if (held.scoped.size === 0) return found
  for (const kind of scopeKinds) {
    const id = resource.within[kind]
    if (id) found.push(...(held.scoped.get(`${kind}:${id}`) ?? []))
  }
  return found
}

/** Grants that hold the permission, but somewhere else: they make a refusal's sentence useful. */
export function elsewhere(actor: Actor, permission: Permission): readonly LiveGrant[] {
  const held = heldBy(actor).get(permission)
  return held ? [...held.scoped.values()].flat() : []
}

export function reachOf(actor: Actor, permission: Permission): Reach {
  const held = heldBy(actor).get(permission)
  const ids = (kind: (typeof scopeKinds)[number]) =>
    [...(held?.scoped.keys() ?? [])]
      .filter((key) => key.startsWith(`${kind}:`))
      .map((key) => key.slice(kind.length + 1))
  return {
    everywhere: (held?.everywhere.length ?? 0) > 0,
    segments: ids('segment'),
    projects: ids('project'),
    contexts: ids('context'),
  }
}
