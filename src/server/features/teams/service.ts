import { sql } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { invalidField, problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { demandHoldingOfTeam, keepingAnAdministrator } from '../grants/service.ts'
import { findTeam, listMembers, type TeamRow } from './store.ts'

export const teamResourceOf = ({ id, name }: Pick<TeamRow, 'id' | 'name'>): Resource => ({
  kind: 'team',
  id,
  name,
  within: {},
})

export const teamResource: ResourceLoader<Db> = async (db, id) => {
  const row = await findTeam(db, id)
  return row && teamResourceOf(row)
}

export async function demandTeam(db: Db, id: string): Promise<TeamRow> {
  const row = await findTeam(db, id)
  if (!row) throw problem('not_found', 'There is no such team.')
  return row
}

/**
 * Changes members and leads. Who joins a team holds what it was granted from then on, so to add somebody asks as much as
 * to grant all of that; otherwise whoever may keep a member list could write themselves into the administrators' team.
 */
export async function updateTeam(scope: Scope, input: InputOf<'teams.update'>): Promise<void> {
  const { db, expectedVersion = 0 } = scope
  const { teamId, add = [], remove = [], leads } = input
  const team = await demandTeam(db, teamId)
  const members = await listMembers(db, teamId)
  const bySource = new Map(members.map((member) => [member.id, member.source]))
  if (remove.some((id) => bySource.get(id) === 'idp')) {
    throw invalidField('remove', 'names somebody whose membership the identity provider manages')
  }
  const joining = [...new Set(add)].filter((id) => !bySource.has(id))
  if (joining.length > 0) {
    await demandHoldingOfTeam(scope, teamId)
    const known = await db.selectFrom('person').select('id').where('id', 'in', joining).execute()
    if (known.length < joining.length) throw invalidField('add', 'names somebody who is not known')
  }
  const after = new Set([...bySource.keys(), ...joining].filter((id) => !remove.includes(id)))
  if (leads?.some((id) => !after.has(id)))
    throw invalidField('leads', 'names somebody who is no member')
  await keepingAnAdministrator(scope, async () => {
    const changed = await db
      .updateTable('team')
      .set({ description: input.description ?? team.description, version: expectedVersion + 1 })
      .where('id', '=', teamId)
      .where('version', '=', expectedVersion)
      .executeTakeFirst()
    if (changed.numUpdatedRows === 0n) {
      throw problem('stale', 'Somebody changed this team meanwhile. Look at it again.', {
        current: { description: team.description, leads: team.leads, version: team.version },
      })
    }
    if (remove.length > 0) {
      await db
        .deleteFrom('teamMember')
        .where('teamId', '=', teamId)
        .where('personId', 'in', remove)
        .execute()
    }
    if (joining.length > 0) {
      await db
        .insertInto('teamMember')
        .values(joining.map((personId) => ({ teamId, personId, source: 'manual' as const })))
        .execute()
    }
    if (leads) {
      await db
        .updateTable('teamMember')
        .set({ lead: sql<boolean>`person_id = any(${leads}::uuid[])` })
        .where('teamId', '=', teamId)
        .execute()
    }
  })
  const now = await listMembers(db, teamId)
  scope.record({
    before: summary(team.description, members),
    after: summary(input.description ?? team.description, now),
  })
}

const summary = (description: string, members: readonly { name: string; lead: boolean }[]) => ({
  description,
  members: members.map(({ name }) => name),
  leads: members.filter(({ lead }) => lead).map(({ name }) => name),
})
