import { sql } from 'kysely'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { permissions } from '../../../contract/permissions.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { loadActor } from '../../decision/load-actor.ts'
import { lockedOut, type DecideFor } from '../../decision/lock-out.ts'
import type { Actor } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'

/*
 * The rule that somebody can always administer the organization, in one place. An administrator is an active person who
 * has signed in before and holds every permission on the organization, directly or by a team, through a grant without an
 * end: what ends by the clock alone would take the last one away while nobody looks.
 */

/** Any constant does, as long as every server takes the same one. */
const lockKey = 5_270_114

/** Two that each remove "the other" administrator would leave none, so whatever could remove one queues here. */
export const queueForAdministrators = (db: Db) =>
  sql`select pg_advisory_xact_lock(${lockKey})`.execute(db)

/** Memberships that are thought away, to see what would be left without them. */
interface Without {
  readonly personId: string
  readonly teamIds: readonly string[]
}

/** The ids of the administrators, at most 100. */
export async function administrators(db: Db, without?: Without): Promise<string[]> {
  const found = await db
    .selectFrom('accessGrant')
    .innerJoin('role', 'role.id', 'accessGrant.roleId')
    .leftJoin('teamMember', 'teamMember.teamId', 'accessGrant.teamId')
    .innerJoin('person', (join) =>
      join.on((on) =>
        on.or([
          on('person.id', '=', on.ref('accessGrant.personId')),
          on('person.id', '=', on.ref('teamMember.personId')),
        ]),
      ),
    )
    .select('person.id')
    .distinct()
    .where('accessGrant.scopeKind', '=', 'organization')
    .where('accessGrant.endedAt', 'is', null)
    .where('accessGrant.expiresAt', 'is', null)
    .where('person.state', '=', 'active')
    .where('person.issuer', 'is not', null)
    .where(sql<boolean>`role.permissions @> ${[...permissions]}::text[]`)
    .$if(without !== undefined, (rows) =>
      rows.where(
        sql<boolean>`(access_grant.team_id is null or person.id <> ${without?.personId}
          or access_grant.team_id <> all(${[...(without?.teamIds ?? [])]}::uuid[]))`,
      ),
    )
    .orderBy('person.id')
    .limit(100)
    .execute()
  return found.map(({ id }) => id)
}

export const hasAdministrator = async (db: Db): Promise<boolean> =>
  (await administrators(db)).length > 0

/** What the rule needs of a request. */
type Watching = Pick<Scope, 'db' | 'now' | 'request' | 'decideForOthers'>

/** Is there an administrator, and would the enforced policies let one manage roles, grants and policies? */
async function standing(scope: Watching, decide: DecideFor, without?: Without) {
  const [first, ...others] = await administrators(scope.db, without)
  if (first === undefined) return { held: false, able: false }
  const able = async (ids: readonly string[]) => {
    const loaded = await Promise.all(ids.map((id) => loadActor(scope.db, id)))
    const actors = loaded.flatMap((actor) => (actor ? [lacking(actor, without)] : []))
    const { now, request } = scope
    return lockedOut(decide, { administrators: actors, now, ip: request.ip }).length === 0
  }
  return { held: true, able: (await able([first])) || (await able([first, ...others])) }
}

function lacking(actor: Actor, without: Without | undefined): Actor {
  if (actor.id !== without?.personId) return actor
  const gone = (id: string) => without.teamIds.includes(id)
  return {
    ...actor,
    teams: actor.teams.filter(({ id }) => !gone(id)),
    grants: actor.grants.filter(({ via }) => via.kind !== 'team' || !gone(via.id)),
  }
}

/**
 * Carries out a change of grants, roles, teams or people, and takes it back (by throwing) when nobody would be left who
 * can administer the organization. It looks at what the change came to, so no way of removing the last one is forgotten.
 */
export async function keepingAnAdministrator<T>(
  scope: Watching,
  change: () => Promise<T>,
): Promise<T> {
  await queueForAdministrators(scope.db)
  const decide = await scope.decideForOthers()
  const before = await standing(scope, decide)
  const result = await change()
  const after = await standing(scope, decide)
  if (before.held && !after.held) {
    throw problem(
      'last_administrator',
      'This would leave nobody who holds every permission on the organization without an end. Grant Security admin to somebody else who has signed in first.',
    )
  }
  if (before.able && !after.able) {
    throw problem(
      'last_administrator',
      'Under the enforced policies nobody who is left could manage roles, grants and policies. End the enforcement that stands in their way first.',
    )
  }
  return result
}

/**
 * For what cannot be refused, a sign-in whose groups no longer say what they said: the one membership of those that are
 * to go which must stay, or else nobody could administer the organization. The least that is enough.
 */
export async function membershipToKeep(
  scope: Watching,
  personId: string,
  teamIds: readonly string[],
): Promise<string | undefined> {
  if (teamIds.length === 0) return undefined
  await queueForAdministrators(scope.db)
  const decide = await scope.decideForOthers()
  const before = await standing(scope, decide)
  const lost = async (without: readonly string[]) => {
    const after = await standing(scope, decide, { personId, teamIds: without })
    return (before.held && !after.held) || (before.able && !after.able)
  }
  if (!(await lost(teamIds))) return undefined
  for (const kept of teamIds) {
    if (!(await lost(teamIds.filter((id) => id !== kept)))) return kept
  }
  return undefined
}

interface Candidate {
  readonly personId: string
  readonly email: string
  readonly emailVerified?: boolean
  readonly groups?: readonly string[]
}

/**
 * The first administrator: whom `SALLYPORT_ADMIN` names (a verified e-mail, or a member of `group:<name>`) is granted
 * Security admin at sign-in while nobody holds it. A grant like any other; nothing is implied by the setting itself.
 * Answers the grant's id, for the sign-in's event.
 */
export async function grantFirstAdministrator(
  db: Db,
  candidate: Candidate,
  admin: string | undefined,
): Promise<string | undefined> {
  if (!admin || !isNamed(candidate, admin)) return undefined
  await queueForAdministrators(db)
  if (await hasAdministrator(db)) return undefined
  const id = newId()
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('accessGrant')
    .values({
      id,
      roleId: builtInRoles.securityAdmin.id,
      subjectKind: 'person',
      personId: candidate.personId,
      scopeKind: 'organization',
      scopeName: 'the organization',
      reason: 'First administrator, named by SALLYPORT_ADMIN',
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 0n ? undefined : id
}

function isNamed(candidate: Candidate, admin: string): boolean {
  if (admin.startsWith('group:')) return candidate.groups?.includes(admin.slice(6)) ?? false
  return candidate.emailVerified === true && candidate.email.toLowerCase() === admin.toLowerCase()
}
