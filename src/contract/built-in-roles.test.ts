import { expect, test } from 'vitest'
import { builtInRoles } from './built-in-roles.ts'

test('nobody but the security admin can hand out what makes an administrator', () => {
  const { securityAdmin, ...others } = builtInRoles
  for (const role of Object.values(others)) {
    expect(role.permissions.length).toBeLessThan(securityAdmin.permissions.length)
    expect(role.permissions).not.toContain('role:update')
  }
})
