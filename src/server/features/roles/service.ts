import type { InputOf } from '../../../contract/index.ts'
import type { Permission } from '../../../contract/permissions.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { organization } from '../../decision/organization.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { keepTokensOfRole, liveTokensOfRole } from '../api-tokens/service.ts'
import { grantPlace, keepGrantsOfRole, keepingAnAdministrator } from '../grants/service.ts'
import { findRole, liveGrants, lockRole, type RoleRow } from './store.ts'

/** Most places or tokens that a refusal names. */
const mostNamed = 5

export const roleResourceOf = (row: Pick<RoleRow, 'id' | 'name' | 'builtIn'>): Resource => ({
  kind: 'role',
  id: row.id,
  name: row.name,
  within: {},
  attributes: { builtIn: row.builtIn },
})

/** Roles belong to the whole organization: who may see roles anywhere may see each. */
export const roleResource: ResourceLoader<Db> = async (db, id) => {
  const row = await findRole(db, id)
  return row && roleResourceOf(row)
}

export async function demandRole(db: Db, id: string): Promise<RoleRow> {
  const row = await findRole(db, id)
  if (!row) throw problem('not_found', 'There is no such role.')
  return row
}

function demandOwn(row: RoleRow): void {
  if (!row.builtIn) return
  throw problem(
    'built_in',
    `${row.name} is built in and the same everywhere. Copy it, and change the copy.`,
  )
}

/** The permissions that the actor would add to a role without holding them on the organization. */
export const notHeld = (scope: Scope, added: readonly Permission[]): Permission[] =>
  added.filter((permission) => scope.decide(permission, organization).outcome === 'denied')

export async function createRole(scope: Scope, input: InputOf<'roles.create'>): Promise<string> {
  const id = newId()
  await scope.db
    .insertInto('role')
    .values({ id, ...input, createdAt: scope.now })
    .execute()
  scope.record({ resource: { kind: 'role', id, name: input.name }, after: input })
  return id
}

export async function updateRole(
  scope: Scope,
  { roleId, reason, ...change }: InputOf<'roles.update'>,
): Promise<void> {
  const { db, expectedVersion = 0 } = scope
  const row = await demandRole(db, roleId)
  demandOwn(row)
  const before = { name: row.name, description: row.description, permissions: row.permissions }
  const after = {
    name: change.name ?? row.name,
    description: change.description ?? row.description,
    permissions: change.permissions ?? (row.permissions as Permission[]),
  }
  // To widen a role is to grant to everybody who holds it, oneself perhaps among them.
  const missing = notHeld(
    scope,
    after.permissions.filter((permission) => !row.permissions.includes(permission)),
  )
  if (missing.length > 0) {
    throw problem(
      'forbidden',
      `Nobody can add to a role what they do not hold on the organization: ${missing.join(', ')}.`,
      { permission: missing.join(' ') },
    )
  }
  await keepingAnAdministrator(scope, async () => {
    const changed = await db
      .updateTable('role')
      .set({ ...after, version: expectedVersion + 1 })
      .where('id', '=', roleId)
      .where('version', '=', expectedVersion)
      .executeTakeFirst()
    if (changed.numUpdatedRows === 0n) throw stale({ ...before, version: row.version })
  })
  scope.record({
    resource: { kind: 'role', id: roleId, name: after.name },
    before,
    after,
    ...(reason && { detail: { reason } }),
  })
}

/** "2 live grants (production, deploy-prod)": the places as far as the actor may see grants. */
function counted(count: number, what: string, where: readonly string[]): string {
  if (count === 0) return ''
  const named = [...new Set(where)]
  const more = named.length > mostNamed ? `, and ${named.length - mostNamed} more` : ''
  const places = named.length > 0 ? ` (${named.slice(0, mostNamed).join(', ')}${more})` : ''
  return `${count} live ${what}${count === 1 ? '' : 's'}${places}`
}

async function heldByGrants(scope: Scope, roleId: string): Promise<string> {
  const rows = await liveGrants(scope.db).where('g.roleId', '=', roleId).execute()
  const { everywhere } = scope.reach('grant:view')
  return counted(rows.length, 'grant', everywhere ? rows.map((row) => grantPlace(row).name) : [])
}

async function heldByTokens(scope: Scope, roleId: string): Promise<string> {
  const tokens = await liveTokensOfRole(scope.db, roleId, scope.now)
  const seen = scope.decide('apiToken:view', organization).outcome === 'permitted'
  const names = tokens.map(({ name, personName }) => `${name} of ${personName}`)
  return counted(tokens.length, 'API token', seen ? names : [])
}

const stale = (current: Pick<RoleRow, 'name' | 'description' | 'permissions' | 'version'>) =>
  problem('stale', 'Somebody changed this role meanwhile. Look at it again.', { current })

export async function removeRole(scope: Scope, roleId: string): Promise<void> {
  const { db, now } = scope
  // Whoever grants it or makes a token of it at this moment goes first, or is told that it is gone.
  await lockRole(db, roleId)
  const row = await demandRole(db, roleId)
  demandOwn(row)
  const { name, description, permissions, version } = row
  if (version !== scope.expectedVersion) {
    throw stale({ name, description, permissions, version })
  }
  const held = [await heldByGrants(scope, roleId), await heldByTokens(scope, roleId)]
    .filter((what) => what !== '')
    .join(' and ')
  if (held) {
    throw problem('in_use', `${name} is held: ${held}. Revoke what it gives, then delete it.`)
  }
  await keepGrantsOfRole(db, { id: roleId, name }, now)
  await keepTokensOfRole(db, { id: roleId, name })
  await db.deleteFrom('role').where('id', '=', roleId).execute()
  scope.record({
    resource: { kind: 'role', id: roleId, name },
    before: { name, description, permissions },
  })
}
