import type { Resource } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { keepingAnAdministrator } from './administrators.ts'
import { grantResource } from './resource.ts'
import { endGrants, findGrant, followingOf, type GrantRow } from './store.ts'

export const stale = ({ version, expiresAt, reason }: GrantRow) =>
  problem('stale', 'Somebody changed this grant meanwhile. Look at it again.', {
    current: { version, expiresAt: expiresAt?.toISOString() ?? null, reason },
  })

/** Ends a grant that its holder gives back before its end, and what would go on with it. */
export async function giveBackGrant(scope: Scope, id: string, reason: string): Promise<void> {
  const { db, actor, now } = scope
  const by = actor.personId ?? null
  const ended = await keepingAnAdministrator(scope, () => endGrants(db, [id], by, reason, now))
  if (ended.length === 0) throw problem('conflict', 'This has ended already.')
  const resource = await grantResource(db, id)
  const after = { endedAt: now.toISOString(), reason }
  if (resource) scope.also('grants.revoke', { resource, after })
  await endFollowing(scope, [id], reason)
}

/** What is ended, or ends sooner, would come back by itself, where an extension of it was approved. */
export async function endFollowing(
  scope: Scope,
  ended: readonly string[],
  reason: string,
): Promise<void> {
  const following = await followingOf(scope.db, ended, scope.now)
  for (const id of following) await giveBackGrant(scope, id, reason)
}

/** Ends grants, all or none, each with its event; those that have ended already are left alone. */
export async function revokeGrants(
  scope: Scope,
  ids: readonly string[],
  reason: string,
): Promise<number> {
  const { db, actor, now } = scope
  const several = scope.resource?.kind !== 'grant'
  const resources: Resource[] = []
  for (const id of new Set(ids)) {
    const resource = await grantResource(db, id)
    if (!resource || scope.decide('grant:view', resource).outcome === 'denied') {
      throw problem('not_found', 'There is no such grant.')
    }
    scope.demand('grant:revoke', resource)
    resources.push(resource)
  }
  const ended = new Set(
    await keepingAnAdministrator(scope, () =>
      endGrants(
        db,
        resources.map(({ id }) => id),
        actor.personId ?? null,
        reason,
        now,
        scope.expectedVersion,
      ),
    ),
  )
  if (ended.size === 0) {
    const [id = ''] = ids
    const row = await findGrant(db, id)
    if (row && !row.endedAt) throw stale(row)
    throw problem('conflict', 'This has ended already.')
  }
  const after = { endedAt: now.toISOString(), reason }
  if (several) {
    scope.record({ detail: { revoked: ended.size, reason } })
    for (const { kind, id, name } of resources.filter((resource) => ended.has(resource.id))) {
      scope.also('grants.revoke', { resource: { kind, id, name }, after })
    }
  } else scope.record({ after })
  await endFollowing(scope, [...ended], reason)
  return ended.size
}
