import { useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { query } from '../../api/client.ts'

/** The policy whose tab this is: the parent's loader has fetched it. */
export function usePolicyHere() {
  const { policyId = '' } = useParams()
  return useSuspenseQuery(query('policies.view', { policyId })).data
}
