import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { inTransaction } from '../../db/transaction.ts'
import { newId } from '../../db/new-id.ts'
import { emit } from '../../ledger/emit.ts'
import { openWorld } from '../../testing/world.ts'

test('a member list is no way to a role that one does not hold, however many grants the team has', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const lee = await world.as('lee')
  await world.grant(lee, 'teamLead')
  await ada.call('people.import', {
    csv: 'email,name,team\nmia@meridian.example,Mia,Payments\n',
  })
  const [team] = (await ada.call('teams.list', {})).items
  if (!team) throw new Error('the import made no team')
  // The oldest of 205 grants is the one that lee does not hold.
  const { securityAdmin, developer } = builtInRoles
  await inTransaction(world.app.db, { readOnly: false }, async (db, transaction) => {
    for (let n = 0; n < 205; n++) {
      await sql`
        insert into access_grant (id, role_id, subject_kind, team_id, scope_kind, scope_name, expires_at)
        values (${newId()}, ${n === 0 ? securityAdmin.id : developer.id}, 'team', ${team.id}, 'organization',
          'the organization', now() + interval '1 day')`.execute(db)
    }
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'test' },
      action: 'grants.create',
      outcome: 'permitted',
    })
  })
  const join = lee.call(
    'teams.update',
    { teamId: team.id, add: [lee.id] },
    { version: team.version },
  )
  await expect(join).rejects.toMatchObject({ code: 'forbidden' })
  await ada.call('teams.update', { teamId: team.id, add: [lee.id] }, { version: team.version })
})
