import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { query } from '../../api/client.ts'
import { RequestStateBadge } from '../../parts/RequestStateBadge.tsx'
import { paths } from '../../paths.ts'
import { Time } from '../../ui/Time.tsx'
import { ListPanel } from './ListPanel.tsx'

/** What one asked for last, and where it stands. */
export function MyRequests() {
  const data = useQuery(query('requests.list', { which: 'mine', limit: 5 })).data
  if (!data) return null
  return (
    <ListPanel
      title="My requests"
      none="You have asked for nothing yet."
      aside={<Link to={paths.requestCatalogue()}>What may be asked for</Link>}
      rows={data.items}
      rowKey={(row) => row.id}
      renderName={(row) => (
        <>
          <Link to={paths.request(row.id)}>
            {row.role.name} in {row.scope.name}
          </Link>{' '}
          <span className="sp-dim">
            asked <Time at={row.createdAt} />
          </span>
        </>
      )}
      renderValue={(row) => <RequestStateBadge state={row.state} />}
    />
  )
}
