import type { z } from 'zod'
import type { GrantCreate } from '../../../contract/grants.ts'
import type { AccessPath } from '../../../contract/people.ts'
import type { Permission } from '../../../contract/permissions.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { permissionsOn } from '../../decision/decide.ts'
import type { Decision, Reach, Resource } from '../../decision/types.ts'
import { moment } from '../../http/paper.ts'
import { invalidField, problem, type ProblemError } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { keepingAnAdministrator } from './administrators.ts'
import { organization } from '../../decision/organization.ts'
import { endFollowing, stale } from './ending.ts'
import { loadPlace } from './places.ts'
import { grantPlace, placeOfRow } from './resource.ts'
import { closeExpiredGrants, findGrant, keepRoleName, listGrants } from './store.ts'
import type { GrantRow } from './store.ts'

export {
  administrators,
  grantFirstAdministrator,
  hasAdministrator,
  keepingAnAdministrator,
  membershipToKeep,
  queueForAdministrators,
} from './administrators.ts'

export { giveBackGrant, revokeGrants } from './ending.ts'
export { grantsFile } from './file.ts'
export { grantsImpact } from './impact.ts'
export { grantPlace, grantResource, grantResourceOf } from './resource.ts'
export { closeExpiredGrants } from './store.ts'

/**
 * What is decided of each permission in a place. What no policy can be asked of such a place (to see people in a context) is
 * asked of the organization, within the same.
 */
const decisionsIn = (scope: Scope, wanted: readonly string[], place: Resource): Decision[] =>
  (wanted as readonly Permission[]).map((permission) =>
    scope.decide(
      permission,
      permissionsOn(place.kind).includes(permission)
        ? place
        : { ...organization, within: place.within },
    ),
  )

/** Whether no grant holds it; where one does, a policy refuses it. */
const lacking = ({ layers }: Decision): boolean =>
  layers.some(({ layer, verdict }) => layer === 'grant' && verdict === 'denied')

/**
 * Why the actor cannot hand these permissions out in a place: all that they do not hold there, or, where they hold all of
 * it, the policy that forbids it. Nothing when they can.
 */
export function whyNotHanded(
  scope: Scope,
  wanted: readonly string[],
  place: Resource,
): ProblemError | undefined {
  return whyRefused(decisionsIn(scope, wanted, place), place)
}

function whyRefused(decisions: readonly Decision[], place: Resource): ProblemError | undefined {
  const denied = decisions.filter(({ outcome }) => outcome === 'denied')
  const [first] = denied
  if (!first) return undefined
  const missing = denied.filter(lacking).map(({ action }) => action)
  const sentence =
    missing.length > 0
      ? `Nobody can grant what they do not hold. In ${place.name} you do not hold ${missing.join(', ')}.`
      : first.sentence
  const permission = (missing.length > 0 ? missing : denied.map(({ action }) => action)).join(' ')
  return problem('forbidden', sentence, { permission })
}

/** Until when the actor holds all that was permitted; nothing where some grant without an end permits each of it. */
function heldUntil({ actor }: Scope, permitted: readonly Decision[]): Date | undefined {
  const ends = permitted.map(({ grants }) => {
    const by = actor.grants.filter(({ id }) => grants.includes(id))
    return Math.max(...by.map(({ expiresAt }) => expiresAt?.getTime() ?? Infinity))
  })
  const end = Math.min(Infinity, ...ends)
  return Number.isFinite(end) ? new Date(end) : undefined
}

/**
 * Throws the 403 that names every permission which the actor would hand out without holding it in the place, or that says
 * until when they hold it themselves: what was given for a time is made standing by nobody who has it for that time.
 */
function demandHolding(
  scope: Scope,
  wanted: readonly string[],
  place: Resource,
  until: Date | null,
): void {
  const decisions = decisionsIn(scope, wanted, place)
  const refused = whyRefused(decisions, place)
  if (refused) throw refused
  const end = heldUntil(scope, decisions)
  if (!end || (until && until <= end)) return
  const at = moment(end)
  throw problem(
    'forbidden',
    `Nobody can grant for longer than they hold. In ${place.name} you hold this until ${at}.`,
    { fields: [{ path: 'expiresAt', message: `must not lie after ${at}, when your own ends` }] },
  )
}

function demandFuture(expiresAt: string | null | undefined, now: Date): Date | null {
  if (!expiresAt) return null
  const at = new Date(expiresAt)
  if (at > now) return at
  throw invalidField('expiresAt', 'must lie in the future')
}

/** What was given for a time does not become standing: who should have it for good is granted it anew. */
function demandEnd(startsAt: Date | null, expiresAt: Date | null): void {
  if (!startsAt) return
  if (!expiresAt) {
    throw invalidField(
      'expiresAt',
      'must be given: what begins at a time has an end. Or make a grant',
    )
  }
  if (expiresAt <= startsAt) throw invalidField('expiresAt', 'must lie after the grant begins')
}

/** The place that a grant is to hold in, as far as the actor may know of it. */
export async function placeSeen(scope: Scope, given: GrantCreate['scope']): Promise<Resource> {
  const place = await loadPlace(scope.db, given)
  const hidden =
    place &&
    place.kind !== 'organization' &&
    scope.decide(`${place.kind}:view` as Permission, place).outcome === 'denied'
  if (!place || hidden) throw problem('not_found', `There is no such ${given.kind}.`)
  return place
}

export async function createGrant(scope: Scope, input: GrantCreate): Promise<string> {
  const { id, record } = await makeGrant(scope, input)
  scope.record(record)
  return id
}

/**
 * Makes a grant and answers what its event says of it. `may`: what permits making it, beside holding all that it gives;
 * `startsAt`: when it begins, where that is later than now.
 */
export async function makeGrant(
  scope: Scope,
  input: GrantCreate,
  { may = 'grant:create', startsAt }: { may?: Permission; startsAt?: Date } = {},
) {
  const { db, actor, now } = scope
  const place = await placeSeen(scope, input.scope)
  scope.demand(may, place)
  const role = await db
    .selectFrom('role')
    .select(['name', 'permissions'])
    .where('id', '=', input.roleId)
    // The permissions that are checked now are those that are granted.
    .forShare()
    .executeTakeFirst()
  if (!role) throw problem('not_found', 'There is no such role.')
  const expiresAt = demandFuture(input.expiresAt, now)
  demandHolding(scope, role.permissions, place, expiresAt)
  const subject = await loadSubject(db, input.subject)
  const id = newId()
  const at = input.scope.kind === 'organization' ? null : input.scope.id
  const { kind } = input.scope
  await db
    .insertInto('accessGrant')
    .values({
      id,
      roleId: input.roleId,
      subjectKind: input.subject.kind,
      personId: input.subject.kind === 'person' ? input.subject.id : null,
      teamId: input.subject.kind === 'team' ? input.subject.id : null,
      scopeKind: kind,
      segmentId: kind === 'segment' ? at : null,
      projectId: kind === 'project' ? at : null,
      contextId: kind === 'context' ? at : null,
      scopeName: place.name,
      reason: input.reason,
      startsAt: startsAt ?? null,
      expiresAt,
      grantedBy: actor.personId ?? null,
      grantedAt: now,
    })
    .execute()
  const after = {
    role: role.name,
    subject: subject.name,
    scope: place.name,
    ...(startsAt && { startsAt: startsAt.toISOString() }),
    expiresAt: expiresAt?.toISOString() ?? null,
    reason: input.reason,
  }
  const resource = { kind: 'grant', id, name: `${role.name} for ${subject.name}` }
  return { id, expiresAt, record: { resource, after } }
}

async function loadSubject(db: Db, { kind, id }: GrantCreate['subject']) {
  if (kind === 'team') {
    const team = await db.selectFrom('team').select('name').where('id', '=', id).executeTakeFirst()
    if (!team) throw problem('not_found', 'There is no such team.')
    return team
  }
  const person = await db
    .selectFrom('person')
    .select(['name', 'state'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (!person) throw problem('not_found', 'There is no such person.')
  if (person.state === 'left') {
    throw problem('conflict', `${person.name} has left. Mark them as returned before granting.`)
  }
  return person
}

export async function updateGrant(
  scope: Scope,
  id: string,
  change: { expiresAt?: string | null | undefined; reason?: string | undefined },
): Promise<void> {
  const { db, now, expectedVersion = 0 } = scope
  const before = await findGrant(db, id)
  if (!before) throw problem('not_found', 'There is no such grant.')
  if (before.endedAt) throw problem('conflict', 'This grant has ended. Make a new one.')
  const place = await placeOfRow(db, before)
  if (!place) throw problem('conflict', 'What this grant was for is gone.')
  const expiresAt =
    change.expiresAt === undefined ? before.expiresAt : demandFuture(change.expiresAt, now)
  // To prolong a grant is to grant again.
  if (change.expiresAt !== undefined) {
    const sooner = expiresAt && (!before.expiresAt || expiresAt <= before.expiresAt)
    demandHolding(scope, before.permissions, place, sooner ? now : expiresAt)
  }
  demandEnd(before.startsAt, expiresAt)
  const reason = change.reason ?? before.reason
  await keepingAnAdministrator(scope, async () => {
    const changed = await db
      .updateTable('accessGrant')
      .set({ expiresAt, reason, version: expectedVersion + 1 })
      .where('id', '=', id)
      .where('version', '=', expectedVersion)
      .where('endedAt', 'is', null)
      .executeTakeFirst()
    if (changed.numUpdatedRows === 0n) throw stale(before)
  })
  scope.record({
    before: { expiresAt: before.expiresAt?.toISOString() ?? null, reason: before.reason },
    after: { expiresAt: expiresAt?.toISOString() ?? null, reason },
  })
  if (expiresAt && (!before.expiresAt || expiresAt < before.expiresAt)) {
    await endFollowing(scope, [id], 'What it goes on with ends sooner.')
  }
}

/** To put somebody into a team is to grant them what it holds: throws the 403 that names what the actor does not hold. */
export async function demandHoldingOfTeam(scope: Scope, teamId: string): Promise<void> {
  // Every one of them: a page of the list would let the oldest slip by.
  const query = { limit: 1_000_000, team: teamId, state: 'live' as const }
  const everywhere = { everywhere: true, segments: [], projects: [], contexts: [] }
  for (const grant of await listGrants(scope.db, everywhere, query, scope.now)) {
    const place = await placeOfRow(scope.db, grant)
    if (place) demandHolding(scope, grant.permissions, place, grant.expiresAt)
  }
}

/** What was granted of a role that goes stays, with its name; live grants stay in the way. */
export async function keepGrantsOfRole(
  db: Db,
  role: { id: string; name: string },
  now: Date,
): Promise<void> {
  await closeExpiredGrants(db, { roleId: role.id }, now)
  await keepRoleName(db, role.id, role.name)
}

/** A grant whose role there is, as every live one's. */
type LiveGrantRow = GrantRow & { roleId: string }

/** A live grant as the way by which somebody has access. */
export const accessPath = (grant: LiveGrantRow): z.input<typeof AccessPath> => ({
  grantId: grant.id,
  role: { id: grant.roleId, name: grant.roleName },
  permissions: grant.permissions as Permission[],
  scope: grantPlace(grant),
  via: {
    kind: grant.subjectKind,
    id: grant.personId ?? grant.teamId ?? '',
    name: grant.personName ?? grant.teamName ?? '',
  },
  ...(grant.expiresAt && { expiresAt: grant.expiresAt }),
  ...(grant.lastUsedAt && { lastUsedAt: grant.lastUsedAt }),
})

/**
 * Every live grant that reaches a person, directly or by a team, as far as the reader may see grants; with when they used it
 * themselves, whoever else of a team did.
 */
export async function liveGrantsOf(
  db: Db,
  reach: Reach,
  personId: string,
  now: Date,
): Promise<LiveGrantRow[]> {
  const rows = await listGrants(db, reach, { limit: 500, person: personId, state: 'live' }, now)
  const used = await db
    .selectFrom('grantUsedBy')
    .select(['grantId', 'lastUsedAt'])
    .where('personId', '=', personId)
    .execute()
  const own = new Map(used.map(({ grantId, lastUsedAt }) => [grantId, lastUsedAt]))
  return rows
    .filter((row): row is LiveGrantRow => row.roleId !== null)
    .map((row) => Object.assign(row, { lastUsedAt: own.get(row.id) ?? null }))
}
