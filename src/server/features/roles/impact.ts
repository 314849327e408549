import type { RoleImpact } from '../../../contract/roles.ts'
import type { Permission } from '../../../contract/permissions.ts'
import type { Db } from '../../db/connect.ts'
import { grantPlace } from '../grants/service.ts'
import { holdingsOfHolders } from './store.ts'

const mostRows = 200

/**
 * Works out who would gain or lose what if the role held `wanted`. Nobody gains what they hold by another grant in the
 * same scope or on the whole organization, nor loses it.
 */
export async function impactOf(
  db: Db,
  roleId: string,
  wanted: readonly Permission[],
): Promise<Pick<RoleImpact, 'people' | 'total'> & { holders: string[] }> {
  const holdings = await holdingsOfHolders(db, roleId)
  const byPerson = Map.groupBy(holdings, ({ personId }) => personId)
  const people: RoleImpact['people'] = []
  for (const held of byPerson.values()) {
    const seen = new Set<string>()
    for (const own of held.filter((grant) => grant.roleId === roleId)) {
      const place = grantPlace(own)
      // Directly and by a team in the same scope: one change, not two.
      if (seen.has(`${place.kind}${place.id}`)) continue
      seen.add(`${place.kind}${place.id}`)
      const otherwise = new Set(
        held
          .filter((grant) => {
            const other = grantPlace(grant)
            const covers =
              other.kind === 'organization' || (other.kind === place.kind && other.id === place.id)
            return grant.roleId !== roleId && covers
          })
          .flatMap((grant) => grant.permissions),
      )
      const had = new Set(own.permissions)
      const has = new Set<string>(wanted)
      const gains = wanted.filter((one) => !had.has(one) && !otherwise.has(one))
      const loses = (own.permissions as Permission[]).filter(
        (one) => !has.has(one) && !otherwise.has(one),
      )
      if (gains.length + loses.length === 0) continue
      const person = { id: own.personId, name: own.personName }
      const via =
        own.teamId && own.teamName
          ? { kind: 'team' as const, id: own.teamId, name: own.teamName }
          : { kind: 'person' as const, ...person }
      people.push({ person, scope: place, via, gains, loses })
    }
  }
  return { people: people.slice(0, mostRows), total: people.length, holders: [...byPerson.keys()] }
}
