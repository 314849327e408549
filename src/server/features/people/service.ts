import type { Db } from '../../db/connect.ts'
import type { ResourceLoader } from '../../decision/types.ts'

export { signInPerson, type SignedIn, type SignInClaims } from './sign-in.ts'

export const personResource: ResourceLoader<Db> = async (db, id) => {
  const person = await db
    .selectFrom('person')
    .select(['id', 'name', 'state'])
    .where('id', '=', id)
    .executeTakeFirst()
  return (
    person && {
      kind: 'person',
      id: person.id,
      name: person.name,
      within: {},
      attributes: { state: person.state },
    }
  )
}
