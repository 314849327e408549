import { sql } from 'kysely'
import { name, seenName } from '../../../contract/name.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { membershipToKeep, queueForAdministrators } from '../grants/service.ts'

/** What a verified ID token says of the person. */
export interface SignInClaims {
  readonly issuer: string
  readonly subject: string
  readonly email: string
  readonly emailVerified?: boolean
  readonly name?: string
  /** Absent where the identity provider conveys no groups: memberships then stay as they are. */
  readonly groups?: readonly string[]
}

/** Who signed in, and what the sign-in changed about them, for its event. */
interface SignedIn {
  readonly person: { readonly id: string; readonly name: string; readonly email: string }
  readonly how: 'known' | 'linked' | 'created'
  readonly joined: readonly string[]
  readonly left: readonly string[]
  /** The team that the identity provider no longer says, and that must stay: or nobody could administer. */
  readonly kept?: { readonly id: string; readonly name: string }
}

type Signing = Pick<Scope, 'db' | 'now' | 'request' | 'decideForOthers'>

const teamName = name(100)
/** Most groups of one token that become teams; the rest are ignored. */
const mostGroups = 100

const find = (db: Db) =>
  db.selectFrom('person').select(['id', 'name', 'email', 'issuer', 'state']).forUpdate()

/**
 * Brings the person of an ID token up to date, within the caller's transaction. Somebody imported is linked by an e-mail
 * that the identity provider has verified, and by no other: an unverified one is anybody's claim. Who is marked as having
 * left stays out until an administrator says otherwise.
 */
export async function signInPerson(scope: Signing, claims: SignInClaims): Promise<SignedIn> {
  const { db, now } = scope
  await queueIfLeaving(db, claims)
  const known = await find(db)
    .where('issuer', '=', claims.issuer)
    .where('subject', '=', claims.subject)
    .executeTakeFirst()
  const sameEmail = await find(db)
    .where((where) => where(where.fn('lower', ['email']), '=', claims.email.toLowerCase()))
    .executeTakeFirst()
  const person = known ?? linkable(sameEmail, claims)
  if (person?.state === 'left') {
    throw problem(
      'forbidden',
      `${person.name} is marked as having left. An administrator can mark them as returned.`,
    )
  }
  const id = person?.id ?? newId()
  const shown = seenName(claims.name ?? '', 200) ?? person?.name ?? claims.email
  const emailIsFree = !sameEmail || sameEmail.id === id
  const email =
    person && (!emailIsFree || claims.emailVerified !== true) ? person.email : claims.email
  if (person) {
    const changed = !known || shown !== person.name || email !== person.email
    await db
      .updateTable('person')
      .set({ issuer: claims.issuer, subject: claims.subject, name: shown, email, lastSeenAt: now })
      .$if(changed, (update) => update.set((set) => ({ version: set('version', '+', 1) })))
      .where('id', '=', id)
      .execute()
  } else {
    const { issuer, subject } = claims
    await db
      .insertInto('person')
      .values({ id, issuer, subject, email, name: shown, source: 'idp', lastSeenAt: now })
      .execute()
  }
  const teams = claims.groups
    ? await followGroups(scope, id, claims.groups)
    : { joined: [], left: [] }
  return {
    person: { id, name: shown, email },
    how: known ? 'known' : person ? 'linked' : 'created',
    ...teams,
  }
}

function linkable<P extends { issuer: string | null }>(
  person: P | undefined,
  claims: SignInClaims,
): P | undefined {
  if (!person) return undefined
  if (person.issuer === null && claims.emailVerified === true) return person
  throw problem(
    'conflict',
    person.issuer === null
      ? `Somebody with the e-mail ${claims.email} was imported, and your identity provider has not verified that it is yours.`
      : `The e-mail ${claims.email} belongs to another identity here. An administrator must sort this out first.`,
  )
}

/**
 * Whoever is about to lose memberships waits for others who change who administers, before the person is locked: in the
 * order in which these others lock.
 */
async function queueIfLeaving(db: Db, { issuer, subject, groups }: SignInClaims): Promise<void> {
  if (!groups) return
  const leaving = await db
    .selectFrom('teamMember as m')
    .innerJoin('person as p', 'p.id', 'm.personId')
    .innerJoin('team as t', 't.id', 'm.teamId')
    .select('m.teamId')
    .where('p.issuer', '=', issuer)
    .where('p.subject', '=', subject)
    .where('m.source', '=', 'idp')
    .where(sql<boolean>`coalesce(t.idp_group, '') <> all(${[...groups]}::text[])`)
    .limit(1)
    .executeTakeFirst()
  if (leaving) await queueForAdministrators(db)
}

/**
 * Makes the memberships that come from the identity provider those of the token; manual and imported ones stay, and the
 * one without which nobody could administer the organization.
 */
async function followGroups(
  scope: Signing,
  personId: string,
  given: readonly string[],
): Promise<Pick<SignedIn, 'joined' | 'left' | 'kept'>> {
  const { db } = scope
  const groups = [...new Set(given)].slice(0, mostGroups)
  await createTeams(db, groups)
  const teams = groups.length
    ? await db
        .selectFrom('team')
        .select(['id', 'name'])
        .where('idpGroup', 'in', groups)
        .orderBy('id')
        .execute()
    : []
  const before = await db
    .selectFrom('teamMember')
    .innerJoin('team', 'team.id', 'teamMember.teamId')
    .select(['team.id', 'team.name', 'teamMember.source'])
    .where('personId', '=', personId)
    .execute()
  const joined = teams.filter(({ id }) => !before.some((team) => team.id === id))
  const unsaid = before.filter(
    ({ id, source }) => source === 'idp' && !teams.some((team) => team.id === id),
  )
  if (joined.length) {
    await db
      .insertInto('teamMember')
      .values(joined.map(({ id }) => ({ teamId: id, personId, source: 'idp' as const })))
      .execute()
  }
  // After joining: what is joined may hold as much.
  const ids = unsaid.map(({ id }) => id)
  const keepId = await membershipToKeep(scope, personId, ids)
  const kept = unsaid.find(({ id }) => id === keepId)
  const left = unsaid.filter((team) => team !== kept)
  if (left.length) {
    await db
      .deleteFrom('teamMember')
      .where('personId', '=', personId)
      .where(
        'teamId',
        'in',
        left.map(({ id }) => id),
      )
      .execute()
  }
  return {
    joined: joined.map(({ name }) => name),
    left: left.map(({ name }) => name),
    ...(kept && { kept: { id: kept.id, name: kept.name } }),
  }
}

/**
 * Groups that no team stands for yet become teams. A team of the same name that is not tied to the group is left alone:
 * tying it would hand its grants to whoever may name a group. Nor does one become a team whose name could pass for
 * another's (P37).
 */
async function createTeams(db: Db, groups: readonly string[]): Promise<void> {
  const teams = groups
    .filter((group) => teamName.safeParse(group).success)
    .map((group) => ({ id: newId(), name: group, slug: slugOf(group), idpGroup: group }))
    .filter(({ slug }) => slug.length > 0)
  if (teams.length === 0) return
  await db
    .insertInto('team')
    .values(teams)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** A name as it stands in an address. */
export const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
