import { sql } from 'kysely'
import { Permission } from '../../contract/permissions.ts'
import type { Db } from '../db/connect.ts'
import { grantHolds } from './live-grant.ts'
import type { Actor, LiveGrant } from './types.ts'

const known: ReadonlySet<string> = new Set(Permission.options)

interface GrantRow {
  id: string
  roleId: string
  roleName: string
  permissions: string[]
  scopeKind: LiveGrant['scope']['kind']
  scopeId: string | null
  scopeName: string | null
  expiresAt: string | null
  teamId: string | null
  teamName: string | null
}

interface ActorRow {
  name: string
  email: string
  teams: { id: string; name: string; lead: boolean }[]
  grants: GrantRow[]
}

/**
 * The person with their teams and live grants, in one query of the request's own transaction: what was revoked before
 * the request began is gone. Expiry is by the database's clock. Someone who has left is nobody: `undefined`.
 */
export async function loadActor(
  db: Db,
  personId: string,
  session: Pick<Actor, 'sessionId' | 'issuer' | 'subject' | 'authenticatedAt' | 'acr'> = {},
): Promise<Actor | undefined> {
  const { rows } = await sql<ActorRow>`
    select p.name, p.email,
      (select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name, 'lead', m.lead)
          order by t.name), '[]')
        from team_member m join team t on t.id = m.team_id where m.person_id = p.id) as teams,
      (select coalesce(jsonb_agg(jsonb_build_object(
          'id', g.id, 'roleId', r.id, 'roleName', r.name, 'permissions', to_jsonb(r.permissions),
          'scopeKind', g.scope_kind, 'scopeName', g.scope_name,
          'scopeId', coalesce(g.segment_id, g.project_id, g.context_id),
          'expiresAt', g.expires_at, 'teamId', t.id, 'teamName', t.name)
          order by g.granted_at, g.id), '[]')
        from (select * from access_grant where person_id = p.id
          union all select held.* from team_member m join access_grant held on held.team_id = m.team_id
            where m.person_id = p.id) g
        join role r on r.id = g.role_id
        left join team t on t.id = g.team_id
        where ${grantHolds()}) as grants
    from person p where p.id = ${personId} and p.state = 'active'`.execute(db)
  const row = rows[0]
  if (!row) return undefined
  return {
    kind: 'person',
    id: personId,
    personId,
    name: row.name,
    email: row.email,
    ...session,
    teams: row.teams,
    grants: row.grants.map((grant) => toGrant(grant, personId, row.name)),
  }
}

function toGrant(row: GrantRow, personId: string, personName: string): LiveGrant {
  return {
    id: row.id,
    roleId: row.roleId,
    roleName: row.roleName,
    // A permission that this version does not know permits nothing.
    permissions: new Set(row.permissions.filter((held): held is Permission => known.has(held))),
    scope: {
      kind: row.scopeKind,
      ...(row.scopeId && { id: row.scopeId }),
      name: row.scopeName ?? (row.scopeKind === 'organization' ? 'organization' : 'unnamed'),
    },
    via:
      row.teamId === null
        ? { kind: 'person', id: personId, name: personName }
        : { kind: 'team', id: row.teamId, name: row.teamName ?? 'unnamed' },
    ...(row.expiresAt && { expiresAt: new Date(row.expiresAt) }),
  }
}

/**
 * Remembers that grants permitted something to somebody: at most one write a minute a grant and person, however often it
 * is used. What a team holds is used by whoever uses it, and by none of the others.
 */
export async function grantUsed(
  db: Db,
  grantIds: readonly string[],
  personId: string | undefined,
): Promise<void> {
  if (grantIds.length === 0) return
  await sql`
    with given as (
      select id, ${personId ?? null}::uuid as by from unnest(${[...grantIds].sort()}::uuid[]) as given(id)),
    theirs as (
      insert into grant_used_by (grant_id, person_id, last_used_at)
      select id, by, clock_timestamp() from given where by is not null
      on conflict (grant_id, person_id) do update
        set last_used_at = excluded.last_used_at, uses = grant_used_by.uses + 1
        where grant_used_by.last_used_at < excluded.last_used_at - interval '1 minute')
    insert into grant_used (grant_id, last_used_at)
    select id, clock_timestamp() from given
    on conflict (grant_id) do update
      set last_used_at = excluded.last_used_at, uses = grant_used.uses + 1
      where grant_used.last_used_at < excluded.last_used_at - interval '1 minute'`.execute(db)
}
