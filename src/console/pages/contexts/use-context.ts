import { useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { query } from '../../api/client.ts'

/** The context whose tab this is: the parent's loader has fetched it. */
export function useContextHere() {
  const { contextId = '' } = useParams()
  return useSuspenseQuery(query('contexts.view', { contextId })).data
}
