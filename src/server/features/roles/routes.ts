import { sql } from 'kysely'
import type { AnswerOf } from '../../../contract/index.ts'
import type { Permission } from '../../../contract/permissions.ts'
import { fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { withReason } from '../decisions/service.ts'
import { grantPlace, grantsImpact } from '../grants/service.ts'
import { impactOf } from './impact.ts'
import {
  createRole,
  demandRole,
  notHeld,
  removeRole,
  roleResourceOf,
  updateRole,
} from './service.ts'
import { listRoles, liveGrants, type RoleRow } from './store.ts'

export const roleHandlers: Handlers<'roles'> = {
  async list(scope, input) {
    scope.reach('role:view')
    const after = fromIdCursor(input.cursor, 1)?.[0]
    const rows = await listRoles(scope.db, input, after)
    const { shown: items, next } = pageOf(rows, input.limit, ({ id }) => [id])
    return {
      items: items.map((row) => shown(scope, row)),
      ...next,
    }
  },
  async view(scope, { roleId }) {
    scope.reach('role:view')
    const role = shown(scope, await demandRole(scope.db, roleId))
    return { ...role, holders: await holders(scope, roleId) }
  },
  async impact(scope, { roleId, permissions }) {
    scope.reach('role:view')
    const row = await demandRole(scope.db, roleId)
    const added = permissions.filter((permission) => !row.permissions.includes(permission))
    if (!scope.reach('grant:view').everywhere) {
      return { people: [], total: 0, uses: null, notHeld: notHeld(scope, added) }
    }
    const { holders, ...impact } = await impactOf(scope.db, roleId, permissions)
    const uses = await usesOf(scope, roleId, permissions, holders)
    return { ...impact, uses, notHeld: notHeld(scope, added) }
  },
  async create(scope, input) {
    return shown(scope, await demandRole(scope.db, await createRole(scope, input)))
  },
  update: (scope, input) => {
    const { roleId, permissions = [], reason } = input
    const asking = {
      reason,
      stands: (at: Scope) => demandRole(at.db, roleId).then(({ version }) => version),
      async opens(all: Scope) {
        const row = await demandRole(all.db, roleId)
        const adds = permissions.some((permission) => !row.permissions.includes(permission))
        // What is stale is refused for that, whatever it would open.
        if (!adds || row.version !== all.expectedVersion) return 0
        const { holders } = await impactOf(all.db, roleId, permissions)
        return usesOf(all, roleId, permissions, holders)
      },
    }
    return withReason(scope, asking, async (inside) => {
      await updateRole(inside, input)
      return shown(inside, await demandRole(inside.db, roleId))
    })
  },
  remove: (scope, { roleId }) => removeRole(scope, roleId),
}

/** Which console actions of its holders would turn if the role held `permissions`. */
const usesOf = (
  scope: Scope,
  roleId: string,
  permissions: readonly Permission[],
  holders: readonly string[],
) =>
  grantsImpact(scope, holders, (grants) =>
    grants.map((grant) =>
      grant.roleId === roleId ? { ...grant, permissions: new Set(permissions) } : grant,
    ),
  )

/** The list of grants by role has them all, in pages. */
const mostHolders = 200

/** Who holds the role, as far as the reader may see grants. */
async function holders(scope: Scope, roleId: string): Promise<AnswerOf<'roles.view'>['holders']> {
  const reach = scope.reach('grant:view')
  const { everywhere, segments, projects, contexts } = reach
  const rows = await liveGrants(scope.db)
    .where('g.roleId', '=', roleId)
    .$if(!everywhere, (some) =>
      some.where(
        sql<boolean>`(g.segment_id = any(${[...segments]}::uuid[])
          or g.project_id = any(${[...projects]}::uuid[]) or g.context_id = any(${[...contexts]}::uuid[]))`,
      ),
    )
    .limit(mostHolders)
    .execute()
  return rows.map(holderOf)
}

function holderOf(
  row: Awaited<ReturnType<ReturnType<typeof liveGrants>['execute']>>[number],
): AnswerOf<'roles.view'>['holders'][number] {
  return {
    grantId: row.id,
    subject: {
      kind: row.subjectKind,
      id: row.personId ?? row.teamId ?? '',
      name: row.personName ?? row.teamName ?? '',
    },
    scope: grantPlace(row),
    ...(row.expiresAt && { expiresAt: row.expiresAt }),
  }
}

const edits: ReadonlySet<Permission> = new Set(['role:update', 'role:delete'])

function shown(scope: Scope, row: RoleRow): AnswerOf<'roles.create'> {
  const { id, name, description, builtIn, permissions, grants, createdAt, version } = row
  return {
    id,
    name,
    description,
    builtIn,
    permissions: permissions as Permission[],
    grants: grants ?? 0,
    createdAt,
    version,
    allowed: scope
      .allowed(roleResourceOf(row))
      .filter((permission) => !builtIn || !edits.has(permission)),
  }
}
