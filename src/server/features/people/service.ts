import type { Db } from '../../db/connect.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { unknownNamed } from '../../http/named.ts'
import type { Scope } from '../../http/scope.ts'
import { findPerson, type PersonRow } from './store.ts'

export { signInPerson, type SignInClaims } from './sign-in.ts'

export const personResourceOf = (row: Pick<PersonRow, 'id' | 'name' | 'state'>): Resource => ({
  kind: 'person',
  id: row.id,
  name: row.name,
  within: {},
  attributes: { state: row.state },
})

export const personResource: ResourceLoader<Db> = async (db, id) => {
  const row = await findPerson(db, id)
  return row && personResourceOf(row)
}

/** Somebody active whom a field names, to answer for something. People are known to whoever may see any, and to themselves. */
export async function personNamed(scope: Scope, path: string, id: string): Promise<Resource> {
  const { everywhere, ...some } = scope.reach('person:view')
  const seesPeople = everywhere || Object.values(some).some((ids) => ids.length > 0)
  const person =
    seesPeople || id === scope.actor.personId ? await personResource(scope.db, id) : undefined
  if (person?.attributes?.['state'] !== 'active') throw unknownNamed(path, 'person')
  return person
}
