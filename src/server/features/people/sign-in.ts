import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { problem } from '../../http/problem.ts'

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
}

/** Most groups of one token that become teams; the rest are ignored. */
const mostGroups = 100

const find = (db: Db) =>
  db.selectFrom('person').select(['id', 'name', 'email', 'issuer', 'state']).forUpdate()

/**
 * Brings the person of an ID token up to date, within the caller's transaction. Somebody imported is linked by an e-mail
 * that the identity provider has verified, and by no other: an unverified one is anybody's claim. Who is marked as having
 * left stays out until an administrator says otherwise.
 */
export async function signInPerson(db: Db, claims: SignInClaims, now: Date): Promise<SignedIn> {
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
  const name = claims.name ?? person?.name ?? claims.email
  const emailIsFree = !sameEmail || sameEmail.id === id
  const email =
    person && (!emailIsFree || claims.emailVerified !== true) ? person.email : claims.email
  if (person) {
    const changed = !known || name !== person.name || email !== person.email
    await db
      .updateTable('person')
      .set({ issuer: claims.issuer, subject: claims.subject, name, email, lastSeenAt: now })
      .$if(changed, (update) => update.set((set) => ({ version: set('version', '+', 1) })))
      .where('id', '=', id)
      .execute()
  } else {
    const { issuer, subject } = claims
    await db
      .insertInto('person')
      .values({ id, issuer, subject, email, name, source: 'idp', lastSeenAt: now })
      .execute()
  }
  const teams = claims.groups ? await followGroups(db, id, claims.groups) : { joined: [], left: [] }
  return {
    person: { id, name, email },
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

/** Makes the memberships that come from the identity provider those of the token; manual and imported ones stay. */
async function followGroups(
  db: Db,
  personId: string,
  given: readonly string[],
): Promise<{ joined: string[]; left: string[] }> {
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
  const left = before.filter(
    ({ id, source }) => source === 'idp' && !teams.some((team) => team.id === id),
  )
  if (joined.length) {
    await db
      .insertInto('teamMember')
      .values(joined.map(({ id }) => ({ teamId: id, personId, source: 'idp' as const })))
      .execute()
  }
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
  return { joined: joined.map(({ name }) => name), left: left.map(({ name }) => name) }
}

/**
 * Groups that no team stands for yet become teams. A team of the same name that is not tied to the group is left alone:
 * tying it would hand its grants to whoever may name a group.
 */
async function createTeams(db: Db, groups: readonly string[]): Promise<void> {
  const teams = groups
    .filter((group) => group.length <= 100)
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
