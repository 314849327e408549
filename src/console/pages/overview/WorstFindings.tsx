import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { query } from '../../api/client.ts'
import { paths } from '../../paths.ts'
import { num } from '../../ui/format.ts'
import { Status } from '../../ui/Status.tsx'
import { ListPanel } from './ListPanel.tsx'
import { useMay } from '../../parts/use-may.ts'

/** What is worst at the moment, each with the way to its fix. */
export function WorstFindings() {
  const may = useMay()('finding:view')
  const worst = useQuery({ ...query('findings.list', { limit: 5 }), enabled: may }).data
  const counts = useQuery({ ...query('findings.facets', {}), enabled: may }).data?.severity
  if (!worst) return null
  const all = counts?.reduce((sum, { count }) => sum + count, 0)
  return (
    <ListPanel
      title="Worst findings"
      none="Nothing stands open of all that is looked for."
      aside={
        <Link to={paths.findings()}>
          {all === undefined ? 'All of them' : `All ${num(all)} open`}
        </Link>
      }
      rows={worst.items}
      rowKey={(row) => row.id}
      renderName={(row) => <Link to={paths.finding(row.id)}>{row.says}</Link>}
      renderValue={(row) => <Status is={row.severity} />}
    />
  )
}
