import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { builtInRoles } from './built-in-roles.ts'

const seed = await readFile(
  new URL('../server/db/migrations/0003_access.sql', import.meta.url),
  'utf8',
)

test('the seeded built-in roles are those of the contract, permission by permission', () => {
  const row = /\('([0-9a-f-]{36})', '([^']+)', '([^']+)', true,\s+'\{([^}]*)\}'\)/g
  const seeded = [...seed.matchAll(row)].map(([, id, name, description, permissions]) => ({
    id,
    name,
    description,
    permissions: permissions?.split(','),
  }))
  expect(seeded).toEqual(Object.values(builtInRoles))
})

test('nobody but the security admin can hand out what makes an administrator', () => {
  const { securityAdmin, ...others } = builtInRoles
  for (const role of Object.values(others)) {
    expect(role.permissions.length).toBeLessThan(securityAdmin.permissions.length)
    expect(role.permissions).not.toContain('role:update')
  }
})
