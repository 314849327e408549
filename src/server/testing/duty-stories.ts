import { sql } from 'kysely'
import { builtInRoles } from '../../contract/built-in-roles.ts'
import type { Permission } from '../../contract/permissions.ts'
import type { Story } from './finding-stories.ts'
import { below } from './below.ts'
import { openManyLines } from './many-lines.ts'
import type { World, WorldPerson } from './world.ts'

interface Parts {
  readonly world: World
  readonly ada: WorldPerson
  readonly person: () => Promise<WorldPerson>
  readonly unique: (what: string) => string
}

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000)

/** Stories of those who approve alone, of roles that are too wide, and of networks that are new. */
export function dutyStories({ world, ada, person, unique }: Parts) {
  const roleWith = (permissions: Permission[]) =>
    ada.call('roles.create', { name: unique('role'), description: '', permissions })
  const seen = (kind: 'person' | 'project', id: string, network: string, since: Date) =>
    sql`insert into network_seen values (${kind}, ${id}, ${network}, ${since}, now(), 1)`.execute(
      world.app.db,
    )
  const usual = async (kind: 'person' | 'project', id: string) => {
    await seen(kind, id, '198.51.100.0/24', inDays(-30))
    await seen(kind, id, '203.0.113.0/24', inDays(-1))
    const old = sql`update network_seen set since = ${inDays(-40)} where subject_id = ${id}`
    return { subject: id, calm: () => old.execute(world.app.db) }
  }
  const stories: Readonly<Record<string, () => Promise<Story>>> = {
    'self-approval': async () => {
      await ada.call('requests.create', {
        roleId: builtInRoles.developer.id,
        scope: { kind: 'organization' },
        reason: 'for a test',
        durationMinutes: 60,
      })
      return {
        subject: ada.id,
        calm: async () =>
          world.grant(await person(), await roleWith(['request:view', 'request:approve'])),
      }
    },
    'role-permissions-unused': async () => {
      const role = await roleWith(['role:view', 'role:create'])
      const who = await person()
      await world.grant(who, role)
      const make = () =>
        who.call('roles.create', {
          name: unique('made'),
          description: '',
          permissions: ['role:view'],
        })
      return { subject: role.id, at: inDays(91), calm: () => lately(world, make) }
    },
    'review-waved-through': async () => {
      const { start, answer, signOff } = await openManyLines({ world, ada }, 10)
      const { id } = await start()
      await answer(id, () => 'keep')
      await signOff(id)
      return { subject: id, calm: start }
    },
    'person-new-network': async () => usual('person', (await person()).id),
    'project-new-network': async () => {
      const { id: segmentId } = await ada.call('segments.create', {
        name: unique('segment'),
        tier: 'build',
      })
      const name = unique('project')
      const { id } = await ada.call('projects.create', {
        name,
        slug: `gh/meridian/${name}`,
        repository: `meridian/${name}`,
        provider: 'github',
        segmentId,
      })
      return usual('project', id)
    },
  }
  return stories
}

/** Does something as if it were done two days hence, which is within the 90 days of a look in 91. */
async function lately(world: World, work: () => Promise<unknown>): Promise<void> {
  await work()
  const shift = sql`update decision set at = at + interval '2 days' where actor_kind <> 'workload'`
  await below(world, (db) => shift.execute(db))
}
