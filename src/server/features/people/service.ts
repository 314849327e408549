import type { Db } from '../../db/connect.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
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
