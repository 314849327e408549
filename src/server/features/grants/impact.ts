import { sql, type SqlBool } from 'kysely'
import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Permission } from '../../../contract/permissions.ts'
import { covering } from '../../decision/holdings.ts'
import { loadActor } from '../../decision/load-actor.ts'
import { questionOf, factsOf } from '../../decision/policy-facts.ts'
import { resourcePhrase } from '../../decision/sentences.ts'
import type { Actor, LiveGrant } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { previewImpact, refusedBeside } from '../decisions/service.ts'
import { loadPlace } from './places.ts'

type Turn = (grants: readonly LiveGrant[], person: { id: string; name: string }) => LiveGrant[]

/**
 * Which console actions of these people would turn if their grants were others. Compared with what they hold now; what a
 * policy refused stays refused.
 */
export async function grantsImpact(
  scope: Pick<Scope, 'db' | 'now' | 'reach'>,
  people: readonly string[],
  turn: Turn,
): Promise<AnswerOf<'grants.impact'>> {
  const actors = new Map<string, { now: Actor; after: Actor } | undefined>()
  const actorsOf = async (id: string) => {
    if (actors.has(id)) return actors.get(id)
    const now = await loadActor(scope.db, id)
    const made = now && { now, after: { ...now, grants: turn(now.grants, now) } }
    actors.set(id, made)
    return made
  }
  const ids = sql.val([...people])
  const theirs = sql<SqlBool>`decision.run is null and (decision.actor_id = any(${ids}::text[])
    or decision.actor_id in (select id::text from api_token where person_id = any(${ids}::uuid[])))`
  const notPolicies = sql<SqlBool>`not ${refusedBeside('grant')}`
  return previewImpact(scope, { where: [theirs, notPolicies] }, async (row) => {
    const facts = factsOf(row)
    if (facts?.kind !== 'console') return 'untold'
    const who = await actorsOf(facts.person.id)
    if (!who) return 'same'
    const { resource } = questionOf(facts)
    const action = row.action as Permission
    const holds = (actor: Actor) => covering(actor, action, resource).length > 0
    const [was, is] = [holds(who.now), holds(who.after)]
    if (was === is) return 'same'
    const where = resourcePhrase(resource)
    return is
      ? {
          change: 'newly_permitted',
          sentence: `Permitted: ${who.now.name} would hold ${action} on ${where}.`,
        }
      : {
          change: 'newly_denied',
          sentence: `Denied: ${who.now.name} would hold no ${action} on ${where}.`,
        }
  })
}

/** One new grant, or grants that would end; whoever may see them may ask. */
export async function askedGrantsImpact(
  scope: Scope,
  { create, grantIds }: InputOf<'grants.impact'>,
  grantOf: (id: string) => Promise<{ personId: string | null; teamId: string | null }>,
): Promise<AnswerOf<'grants.impact'>> {
  const people = new Set<string>()
  const reach = async (subject: { personId: string | null; teamId: string | null }) => {
    const { personId, teamId } = subject
    if (personId) people.add(personId)
    if (!teamId) return
    const members = await scope.db
      .selectFrom('teamMember')
      .where('teamId', '=', teamId)
      .select('personId')
      .execute()
    for (const member of members) people.add(member.personId)
  }
  const ended = new Set(grantIds)
  for (const id of ended) await reach(await grantOf(id))
  const made = create && (await grantWanted(scope, create))
  if (create) {
    const { kind, id } = create.subject
    await reach({ personId: kind === 'person' ? id : null, teamId: kind === 'team' ? id : null })
  }
  return grantsImpact(scope, [...people], (grants, person) => [
    ...grants.filter(({ id }) => !ended.has(id)),
    ...(made ? [made(person)] : []),
  ])
}

type Wanted = NonNullable<InputOf<'grants.impact'>['create']>

async function grantWanted(scope: Scope, { roleId, scope: at }: Wanted) {
  const place = await loadPlace(scope.db, at)
  const hidden =
    place &&
    place.kind !== 'organization' &&
    scope.decide(`${place.kind}:view` as Permission, place).outcome === 'denied'
  if (!place || hidden) throw problem('not_found', `There is no such ${at.kind}.`)
  const role = await scope.db
    .selectFrom('role')
    .where('id', '=', roleId)
    .select(['id', 'name', 'permissions'])
    .executeTakeFirst()
  if (!role) throw problem('not_found', 'There is no such role.')
  return ({ id, name }: { id: string; name: string }): LiveGrant => ({
    id: 'new',
    roleId,
    roleName: role.name,
    permissions: new Set(role.permissions as Permission[]),
    scope: { kind: at.kind, ...(at.kind !== 'organization' && { id: at.id }), name: place.name },
    via: { kind: 'person', id, name },
  })
}
