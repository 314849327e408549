import { useQuery } from '@tanstack/react-query'
import type { Permission } from '../../contract/permissions.ts'
import { query } from '../api/client.ts'

/** Whether the reader holds a permission anywhere; nothing while that is not known. What an object allows, it says itself. */
export function useMay(): (permission: Permission) => boolean {
  const me = useQuery(query('me.view', {})).data
  return (wanted) => me?.may.some(({ permission }) => permission === wanted) ?? false
}
