import { useQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { query } from '../../api/client.ts'
import { BlastRadius } from '../../parts/BlastRadius.tsx'

export function Component() {
  const { personId = '' } = useParams()
  const { data, error } = useQuery(query('reach.ofPerson', { personId }))
  return (
    <BlastRadius
      radius={data}
      error={error}
      says="What somebody who takes over their account could use or change: the contexts that their live grants cover."
      none="No live grant lets them use or change a context."
    />
  )
}
