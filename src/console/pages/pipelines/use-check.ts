import { useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { query } from '../../api/client.ts'

/** The check whose tab this is: the parent's loader has fetched it. */
export function useCheckHere() {
  const { checkId = '' } = useParams()
  return useSuspenseQuery(query('pipelines.view', { checkId })).data
}
