import type { z } from 'zod'
import type { ApiTokenCreate } from '../../../contract/api-tokens.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { heldSomewhere } from '../../decision/holdings.ts'
import type { LiveGrant, ResourceLoader } from '../../decision/types.ts'
import { generateApiToken } from '../../http/authenticate/api-token.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { organization } from '../../decision/organization.ts'
import { findToken, revokeTokensOf, type ApiTokenRow } from './store.ts'

export { findLiveToken, keepTokensOfRole, liveTokensOfRole, touchToken } from './store.ts'

export const apiTokenResource: ResourceLoader<Db> = async (db, id) => {
  const row = await findToken(db, id)
  return row && { kind: 'apiToken', id, name: row.name, within: {} }
}

/** What a token may do: its role's permissions, where its maker holds them now. Less than either, never more. */
export function narrowedGrants(
  grants: readonly LiveGrant[],
  rolePermissions: readonly string[],
): LiveGrant[] {
  const inRole = new Set(rolePermissions)
  return grants.flatMap((grant) => {
    const permissions = new Set([...grant.permissions].filter((one) => inRole.has(one)))
    return permissions.size > 0 ? [{ ...grant, permissions }] : []
  })
}

export async function createToken(scope: Scope, input: z.output<typeof ApiTokenCreate>) {
  const { actor, db, now } = scope
  if (actor.kind !== 'person' || !actor.personId) {
    throw problem('session_required', 'Only a person who is signed in can create API tokens.')
  }
  if (!heldSomewhere(scope.reach('apiToken:create'))) {
    throw problem('forbidden', 'You do not hold apiToken:create.', {
      permission: 'apiToken:create',
    })
  }
  const role = await db
    .selectFrom('role')
    .select(['id', 'name', 'permissions'])
    .where('id', '=', input.roleId)
    // A role that goes at this moment is gone, or waits until the token is there.
    .forShare()
    .executeTakeFirst()
  if (!role) {
    const message = 'There is no such role.'
    throw problem('invalid_input', message, { fields: [{ path: 'roleId', message }] })
  }
  if (narrowedGrants(actor.grants, role.permissions).length === 0) {
    throw problem(
      'forbidden',
      `You hold nothing that ${role.name} permits, so its token could do nothing.`,
    )
  }
  const { token, hash, hint } = generateApiToken()
  const id = newId()
  const expiresAt = new Date(now.getTime() + input.expiresInDays * 86_400_000)
  const { name, allowSensitive } = input
  await db
    .insertInto('apiToken')
    .values({
      id,
      name,
      personId: actor.personId,
      roleId: role.id,
      hash,
      hint,
      allowSensitive,
      createdAt: now,
      expiresAt,
      revokedAt: null,
      revokedBy: null,
    })
    .execute()
  scope.record({
    resource: { kind: 'apiToken', id, name },
    after: { name, role: role.name, allowSensitive, expiresAt, hint },
  })
  return { id, token }
}

/** Who may not end it is not told that it is there. */
export async function revokeToken(scope: Scope, id: string): Promise<ApiTokenRow> {
  const row = await findToken(scope.db, id)
  const own = row !== undefined && row.personId === scope.actor.personId
  if (!row || (!own && scope.decide('apiToken:view', organization).outcome === 'denied')) {
    throw problem('not_found', 'There is no such API token.')
  }
  if (!own) scope.demand('apiToken:revoke', organization)
  await scope.db
    .updateTable('apiToken')
    .set((set) => ({
      revokedAt: scope.now,
      revokedBy: scope.actor.personId ?? null,
      version: set('version', '+', 1),
    }))
    .where('id', '=', id)
    .where('revokedAt', 'is', null)
    .execute()
  scope.record({
    resource: { kind: 'apiToken', id, name: row.name },
    before: { revoked: row.revokedAt !== null },
    after: { revoked: true },
  })
  return (await findToken(scope.db, id)) ?? row
}

/** Ends the live API tokens of a person, but one, each with its event; answers how many. */
export async function revokeTokensOfPerson(
  scope: Scope,
  person: { id: string },
  reason: string,
  but?: string,
): Promise<number> {
  const { db, actor, now } = scope
  const by = actor.personId ?? null
  const revoked = await revokeTokensOf(db, person.id, by, now, but)
  for (const { id, name } of revoked) {
    scope.also('apiTokens.revoke', {
      resource: { kind: 'apiToken', id, name },
      after: { revoked: true, reason },
    })
  }
  return revoked.length
}
