import { useQuery } from '@tanstack/react-query'
import type { Permission } from '../../../contract/permissions.ts'
import { query } from '../../api/client.ts'
import { useSettled } from '../../ui/use-settled.ts'

/** What the role's change would come to, as far as the choosing rests: the page and its form ask the same. */
export function useRoleImpact(roleId: string, wanted: readonly Permission[]) {
  const permissions = [...useSettled(wanted, 300)]
  return useQuery(query('roles.impact', { roleId, permissions }))
}
