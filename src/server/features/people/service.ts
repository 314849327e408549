import type { Updateable } from 'kysely'
import type { Db } from '../../db/connect.ts'
import type { PersonTable } from '../../db/tables/people.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { unknownNamed } from '../../http/named.ts'
import { problem } from '../../http/problem.ts'
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

/** Throws the 404 of somebody who is not known. */
export async function demandPerson(db: Db, id: string): Promise<PersonRow> {
  const row = await findPerson(db, id)
  if (!row) throw problem('not_found', 'There is no such person.')
  return row
}

/** Changes somebody as they were looked at; throws the 409 with what they are by now where they were changed meanwhile. */
export async function changePerson(
  { db, expectedVersion = 0 }: Pick<Scope, 'db' | 'expectedVersion'>,
  before: PersonRow,
  set: Updateable<PersonTable>,
): Promise<void> {
  const changed = await db
    .updateTable('person')
    .set({ ...set, version: expectedVersion + 1 })
    .where('id', '=', before.id)
    .where('version', '=', expectedVersion)
    .executeTakeFirst()
  if (changed.numUpdatedRows === 0n) {
    throw problem('stale', 'Somebody changed this person meanwhile. Look again.', {
      current: { state: before.state, version: before.version },
    })
  }
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
