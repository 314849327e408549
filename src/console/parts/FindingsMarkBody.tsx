import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { query } from '../api/client.ts'
import { paths } from '../paths.ts'
import { count } from '../ui/format.ts'
import { Status } from '../ui/Status.tsx'
import { useMay } from './use-may.ts'

export interface FindingsMarkProps {
  readonly of: {
    readonly person?: string
    readonly project?: string
    readonly context?: string
    readonly segment?: string
  }
}

/** How many findings stand open about an object and what lies in it, as bad as the worst; nothing for whoever may see none. */
export function FindingsMarkBody({ of }: FindingsMarkProps) {
  const may = useMay()('finding:view')
  const counts = useQuery({ ...query('findings.facets', of), enabled: may }).data?.severity
  const worst = counts?.find((one) => one.count > 0)
  if (!counts || !worst) return null
  const all = counts.reduce((sum, one) => sum + one.count, 0)
  return (
    <Link to={paths.findings(of)}>
      <Status is={worst.value as 'critical'}>{count(all, 'finding')}</Status>
    </Link>
  )
}
