import { useQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { query } from '../../api/client.ts'
import { BlastRadius } from '../../parts/BlastRadius.tsx'

export function Component() {
  const { projectId = '' } = useParams()
  const { data, error } = useQuery(query('reach.ofProject', { projectId }))
  return (
    <BlastRadius
      radius={data}
      error={error}
      says="What somebody who gets into its pipeline could ask for, unless an expression or a policy forbids it: by trust rule, restriction and flow."
      none="No trust rule binds runs to it, or no context admits them where they take place."
    />
  )
}
