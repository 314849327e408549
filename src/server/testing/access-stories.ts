import { sql } from 'kysely'
import { builtInRoles } from '../../contract/built-in-roles.ts'
import { organizationId } from '../features/findings/detection.ts'
import { below as told } from './below.ts'
import type { Db } from '../db/connect.ts'
import type { Story } from './finding-stories.ts'
import type { World, WorldPerson } from './world.ts'

interface Parts {
  readonly world: World
  readonly ada: WorldPerson
  readonly person: () => Promise<WorldPerson>
  readonly unique: (what: string) => string
  readonly segment: (tier: 'production') => Promise<{ readonly id: string }>
  readonly teamId: string
}

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000)

/** Stories of grants, of those who hold them, and of what gives them. */
export function accessStories({ world, ada, person, unique, segment, teamId }: Parts) {
  const below = (work: (db: Db) => Promise<unknown>) => told(world, work)
  /** A team of one person by an import, as nobody makes one by hand. */
  const teamOf = async (personId: string) => {
    const { email, name } = await ada.call('people.view', { personId })
    const team = unique('team')
    await ada.call('people.import', { csv: `email,name,team\n${email},${name},${team}\n` })
    return { teamId: (await ada.call('teams.list', { search: team })).items[0]?.id ?? '' }
  }

  const stories: Readonly<Record<string, () => Promise<Story>>> = {
    'few-administrators': async () => ({
      subject: organizationId,
      calm: async () => world.grant(await person(), 'securityAdmin'),
    }),
    'leaver-grant': async () => {
      const { id } = await person()
      const subject = await world.grant({ id }, 'developer')
      const { version } = await ada.call('people.view', { personId: id })
      await ada.call('people.update', { personId: id, state: 'left' }, { version })
      return {
        subject,
        calm: () => ada.call('grants.revoke', { grantId: subject }, { version: 1 }),
      }
    },
    'leaver-team': async () => {
      const { id } = await person()
      const made = await teamOf(id)
      await ada.call('grants.create', {
        roleId: builtInRoles.developer.id,
        subject: { kind: 'team', id: made.teamId },
        scope: { kind: 'organization' },
        reason: 'what its members do',
      })
      const { version } = await ada.call('people.view', { personId: id })
      await ada.call('people.update', { personId: id, state: 'left' }, { version })
      return {
        subject: id,
        calm: async () =>
          ada.call('teams.update', { ...made, remove: [id] }, await ada.call('teams.view', made)),
      }
    },
    'privileged-unused': async () => {
      const subject = await world.grant(await person(), 'teamLead')
      const used = () => sql`insert into grant_used values (${subject}, ${inDays(60)}, 1)`
      return { subject, at: inDays(91), calm: () => used().execute(world.app.db) }
    },
    'grant-without-end': async () => {
      const made = await ada.call('grants.create', {
        roleId: builtInRoles.teamLead.id,
        subject: { kind: 'person', id: (await person()).id },
        scope: { kind: 'organization' },
        reason: 'for ever',
      })
      const end = { grantId: made.id, expiresAt: inDays(7).toISOString() }
      return { subject: made.id, calm: () => ada.call('grants.update', end, made) }
    },
    'production-grant-without-end': async () => {
      const { id } = await segment('production')
      const made = await ada.call('grants.create', {
        roleId: builtInRoles.developer.id,
        subject: { kind: 'person', id: (await person()).id },
        scope: { kind: 'segment', id },
        reason: 'for ever',
      })
      const end = { grantId: made.id, expiresAt: inDays(7).toISOString() }
      return { subject: made.id, calm: () => ada.call('grants.update', end, made) }
    },
    'dormant-access': async () => {
      const { id } = await person()
      await world.grant({ id }, 'developer')
      const seen = { lastSeenAt: inDays(50) }
      return {
        subject: id,
        at: inDays(91),
        calm: () =>
          below((db) => db.updateTable('person').set(seen).where('id', '=', id).execute()),
      }
    },
    'role-unheld': async () => {
      const permissions = ['context:view' as const]
      const role = await ada.call('roles.create', {
        name: unique('role'),
        description: '',
        permissions,
      })
      return {
        subject: role.id,
        at: inDays(31),
        calm: async () => world.grant(await person(), role),
      }
    },
    'team-without-lead': async () => ({
      subject: teamId,
      calm: () =>
        below((db) =>
          db.updateTable('teamMember').set({ lead: true }).where('teamId', '=', teamId).execute(),
        ),
    }),
    'token-unused': async () => {
      const { id: roleId } = builtInRoles.developer
      const made = { name: unique('token'), roleId, expiresInDays: 60, allowSensitive: false }
      const { id } = await ada.call('apiTokens.create', made)
      return {
        subject: id,
        at: inDays(31),
        calm: () => ada.call('apiTokens.revoke', { apiTokenId: id }),
      }
    },
  }
  return stories
}
