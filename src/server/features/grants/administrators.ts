import { sql } from 'kysely'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { permissions } from '../../../contract/permissions.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { problem } from '../../http/problem.ts'

/** Any constant does, as long as every server takes the same one. */
const lockKey = 5_270_114

/** Two that each remove "the other" administrator would leave none, so whatever could remove one queues here. */
const queue = (db: Db) => sql`select pg_advisory_xact_lock(${lockKey})`.execute(db)

/** Active people who hold every permission on the organization, through a grant that has no end. At most 100. */
export async function administrators(db: Db): Promise<string[]> {
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
    .where(sql<boolean>`role.permissions @> ${[...permissions]}::text[]`)
    .orderBy('person.id')
    .limit(100)
    .execute()
  return found.map(({ id }) => id)
}

export const hasAdministrator = async (db: Db): Promise<boolean> =>
  (await administrators(db)).length > 0

/**
 * Carries out a change of grants, roles, teams or people, and takes it back (by throwing) when nobody would be left who
 * can administer the organization. It looks at what the change came to, so no way of removing the last one is forgotten.
 */
export async function keepingAnAdministrator<T>(db: Db, change: () => Promise<T>): Promise<T> {
  await queue(db)
  const had = await hasAdministrator(db)
  const result = await change()
  if (had && !(await hasAdministrator(db))) {
    throw problem(
      'last_administrator',
      'This would leave nobody who holds every permission on the organization without an end. Grant Security admin to somebody else first.',
    )
  }
  return result
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
  await queue(db)
  if (await hasAdministrator(db)) return undefined
  const id = newId()
  await db
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
    .execute()
  return id
}

function isNamed(candidate: Candidate, admin: string): boolean {
  if (admin.startsWith('group:')) return candidate.groups?.includes(admin.slice(6)) ?? false
  return candidate.emailVerified === true && candidate.email.toLowerCase() === admin.toLowerCase()
}
