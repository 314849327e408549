import { sql } from 'kysely'
import type { AnswerOf } from '../../../contract/index.ts'
import type { Permission } from '../../../contract/permissions.ts'
import type { Db } from '../../db/connect.ts'
import { covering, heldSomewhere, reachOf } from '../../decision/holdings.ts'
import { loadActor } from '../../decision/load-actor.ts'
import type { Actor, Resource } from '../../decision/types.ts'
import { decidesOnAll } from './store.ts'

type Approver = AnswerOf<'requests.preview'>['approvers'][number]

interface Asked {
  readonly requester: { readonly id: string; readonly name: string }
  readonly place: Resource
  readonly permissions: readonly string[]
  /** The team that owns the place. */
  readonly ownerTeam: string | null
}

/** Most approvers that are named; whoever else may decide finds it in their inbox all the same. */
const mostNamed = 20

interface Candidate {
  readonly id: string
  readonly team: string | null
  readonly teamName: string | null
  readonly theirs: boolean
}

/** Active people who lead a team of the requester's or the owning one, or hold `request:approve` on the organization. */
const candidates = (db: Db, requesterId: string, ownerTeam: string | null) =>
  sql<Candidate>`
    with theirs as (select team_id from team_member where person_id = ${requesterId})
    select p.id, t.id as team, t.name as team_name, t.id in (select team_id from theirs) as theirs
    from team_member m join team t on t.id = m.team_id join person p on p.id = m.person_id
    where m.lead and p.state = 'active' and p.id <> ${requesterId}
      and (t.id in (select team_id from theirs) or t.id = ${ownerTeam}::uuid)
    union all
    select distinct p.id, null::uuid, null, false
    from access_grant g join role r on r.id = g.role_id
    join person p on p.id = g.person_id
      or p.id in (select person_id from team_member where team_id = g.team_id)
    where ${decidesOnAll} and p.state = 'active' and p.id <> ${requesterId}
    limit 60`.execute(db)

const holdsAll = (actor: Actor, permissions: readonly string[], place: Resource): boolean =>
  ['request:approve', ...permissions].every(
    (permission) => covering(actor, permission as Permission, place).length > 0,
  )

const decides = (actor: Actor): boolean => heldSomewhere(reachOf(actor, 'request:approve'))

/** Who may decide, from what is true now: leads first, each once, with the reason. Never the requester. */
export async function approversOf(db: Db, asked: Asked): Promise<Approver[]> {
  const { requester, place, permissions, ownerTeam } = asked
  const found = new Map<string, Approver>()
  for (const one of (await candidates(db, requester.id, ownerTeam)).rows) {
    if (found.size >= mostNamed) break
    if (found.has(one.id)) continue
    const actor = await loadActor(db, one.id)
    if (!actor || !decides(actor)) continue
    const because =
      one.team === null
        ? 'decides on requests of the whole organization'
        : one.theirs
          ? `leads ${one.teamName}, where ${requester.name} is`
          : `leads ${one.teamName}, which owns ${place.name}`
    found.set(one.id, {
      person: { id: one.id, name: actor.name },
      step: one.team === null ? 'security' : 'lead',
      because,
      holds: holdsAll(actor, permissions, place),
    })
  }
  return [...found.values()]
}

/** The team that a project or context belongs to. */
export async function ownerOf(db: Db, place: Resource): Promise<string | null> {
  const { kind, id } = place
  if (kind !== 'project' && kind !== 'context') return null
  const row = await db.selectFrom(kind).select('teamId').where('id', '=', id).executeTakeFirst()
  return row?.teamId ?? null
}

/** What a role would newly permit somebody in a place, and what of it they hold there already. */
export async function differenceOf(
  db: Db,
  personId: string,
  permissions: readonly string[],
  place: Resource,
): Promise<AnswerOf<'requests.preview'>['difference']> {
  const actor = await loadActor(db, personId)
  const held = (permission: string) =>
    actor !== undefined && covering(actor, permission as Permission, place).length > 0
  return {
    gains: permissions.filter((one) => !held(one)) as Permission[],
    has: permissions.filter(held) as Permission[],
  }
}
