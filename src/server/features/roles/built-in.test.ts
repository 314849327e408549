import { expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { openWorld } from '../../testing/world.ts'

test('the built-in roles of a migrated database are those of the contract, permission by permission', async () => {
  await using world = await openWorld()
  const stored = await world.app.db
    .selectFrom('role')
    .select(['id', 'name', 'description', 'permissions'])
    .where('builtIn', '=', true)
    .orderBy('id')
    .execute()
  const sorted = (role: { permissions: readonly string[] }) => ({
    ...role,
    permissions: role.permissions.toSorted(),
  })
  expect(stored.map(sorted)).toEqual(Object.values(builtInRoles).map(sorted))
})
