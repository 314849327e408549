import { sql } from 'kysely'
import type { z } from 'zod'
import type { GrantQuery } from '../../../contract/grants.ts'
import type { Db } from '../../db/connect.ts'
import type { Reach } from '../../decision/types.ts'

/** A grant with the names of what it joins, not yet narrowed. */
const selectGrants = (db: Db) =>
  db
    .selectFrom('accessGrant as g')
    .leftJoin('role', 'role.id', 'g.roleId')
    .leftJoin('person as p', 'p.id', 'g.personId')
    .leftJoin('team as t', 't.id', 'g.teamId')
    .selectAll('g')
    .select([
      sql<string>`coalesce(role.name, g.role_name)`.as('roleName'),
      sql<string[]>`coalesce(role.permissions, '{}')`.as('permissions'),
      'p.name as personName',
      't.name as teamName',
      // Each told of one row: joined, every order of them all would be weighed, which takes longer than the answer.
      sql<string | null>`(select name from person where person.id = g.granted_by)`.as('byName'),
      sql<string | null>`(select name from person where person.id = g.ended_by)`.as('enderName'),
      sql<Date | null>`(select last_used_at from grant_used where grant_used.grant_id = g.id)`.as(
        'lastUsedAt',
      ),
    ])

export type GrantRow = Awaited<
  ReturnType<ReturnType<typeof selectGrants>['executeTakeFirstOrThrow']>
>

export const findGrant = (db: Db, id: string): Promise<GrantRow | undefined> =>
  selectGrants(db).where('g.id', '=', id).executeTakeFirst()

type Filters = Omit<z.output<typeof GrantQuery>, 'cursor' | 'limit'>

/** Narrowed to what is asked for and to where the reader may see grants. */
function matching(db: Db, reach: Reach, query: Filters, now: Date) {
  let rows = selectGrants(db)
  if (!reach.everywhere) {
    rows = rows.where((w) =>
      w.or([
        ...(reach.segments.length ? [w('g.segmentId', 'in', [...reach.segments])] : []),
        ...(reach.projects.length ? [w('g.projectId', 'in', [...reach.projects])] : []),
        ...(reach.contexts.length ? [w('g.contextId', 'in', [...reach.contexts])] : []),
      ]),
    )
  }
  const { person, team, role, scope, scopeId, expiringWithinDays, state } = query
  if (team) rows = rows.where('g.teamId', '=', team)
  if (role) rows = rows.where('g.roleId', '=', role)
  if (scope) rows = rows.where('g.scopeKind', '=', scope)
  if (scopeId) {
    rows = rows.where(sql<boolean>`${scopeId}::uuid in (g.segment_id, g.project_id, g.context_id)`)
  }
  if (person) {
    // Two ways in, each by its index: asked with `or`, every grant there is would be read. As an
    // array it is found out first, and the planner does not weigh it against all that is joined (30 ms of 31).
    rows = rows.where(
      sql<boolean>`g.id = any(array(select id from access_grant where person_id = ${person} union all
        select held.id from team_member m join access_grant held on held.team_id = m.team_id
        where m.person_id = ${person}))`,
    )
  }
  if (expiringWithinDays) {
    const until = new Date(now.getTime() + expiringWithinDays * 86_400_000)
    rows = rows.where('g.expiresAt', '>', now).where('g.expiresAt', '<=', until)
  }
  if (query.withoutExpiry !== undefined) {
    rows = rows.where('g.expiresAt', query.withoutExpiry ? 'is' : 'is not', null)
  }
  const over = sql<boolean>`(g.expires_at is not null and g.expires_at <= coalesce(g.ended_at, ${now}))`
  if (state === 'expired') rows = rows.where(over)
  else if (state === 'ended') {
    rows = rows.where('g.endedAt', 'is not', null).where((w) => w.not(over))
  } else if (state === 'live' || state === 'scheduled') {
    const begun = sql<boolean>`(g.starts_at is null or g.starts_at <= ${now})`
    rows = rows
      .where('g.endedAt', 'is', null)
      .where((w) => w.not(over))
      .where((w) => (state === 'live' ? begun : w.not(begun)))
  }
  return rows
}

/** One page, newest first (ids sort by creation). */
export async function listGrants(
  db: Db,
  reach: Reach,
  query: z.output<typeof GrantQuery>,
  now: Date,
  after?: string,
): Promise<GrantRow[]> {
  const rows = matching(db, reach, query, now)
    .orderBy('g.id', 'desc')
    .limit(query.limit + 1)
  return (after ? rows.where('g.id', '<', after) : rows).execute()
}

/** The same, only to be counted, up to so many. */
export const someGrants = (db: Db, reach: Reach, query: Filters, now: Date, limit: number) =>
  matching(db, reach, query, now).clearSelect().select('g.id').limit(limit)

/**
 * Writes down that the grants on something, or of a role, which have expired are over, so that it may go. They end when
 * they expired, whenever that is written.
 */
export async function closeExpiredGrants(
  db: Db,
  on: { readonly [column in 'roleId' | 'segmentId' | 'projectId' | 'contextId']?: string },
  now: Date,
): Promise<void> {
  const [[column, id] = []] = Object.entries(on)
  if (!column || !id) return
  await db
    .updateTable('accessGrant')
    .set((set) => ({ endedAt: set.ref('expiresAt'), version: set('version', '+', 1) }))
    .where(column as 'roleId', '=', id)
    .where('endedAt', 'is', null)
    .where('expiresAt', '<=', now)
    .execute()
}

/** Leaves ended grants with the name of a role that goes. */
export async function keepRoleName(db: Db, roleId: string, roleName: string): Promise<void> {
  await db
    .updateTable('accessGrant')
    .set({ roleId: null, roleName })
    .where('roleId', '=', roleId)
    .where('endedAt', 'is not', null)
    .execute()
}

/** Ends live grants; answers the ids of those it ended. */
export async function endGrants(
  db: Db,
  ids: readonly string[],
  by: string | null,
  reason: string,
  now: Date,
  version?: number,
): Promise<string[]> {
  const ended = await db
    .updateTable('accessGrant')
    .set((set) => ({
      endedAt: now,
      endedBy: by,
      endReason: reason,
      version: set('version', '+', 1),
    }))
    .where('id', 'in', [...ids])
    .where('endedAt', 'is', null)
    .$if(version !== undefined, (update) => update.where('version', '=', version ?? 0))
    .returning('id')
    .execute()
  return ended.map(({ id }) => id)
}

/** Grants that go on with these by an extension, and have not begun. */
export async function followingOf(
  db: Db,
  ids: readonly string[],
  now: Date,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('accessRequest as before')
    .innerJoin('accessRequest as next', 'next.extendsId', 'before.id')
    .innerJoin('accessGrant as g', 'g.id', 'next.grantId')
    .select('g.id')
    .where('before.grantId', 'in', [...ids])
    // It was live until now, and is found by its index.
    .where('before.state', '=', 'approved')
    .where('before.closedAt', 'is', null)
    .where('g.endedAt', 'is', null)
    .where('g.startsAt', '>', now)
    .execute()
  return rows.map(({ id }) => id)
}
