import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { query } from '../../api/client.ts'
import { inboxKinds } from '../../parts/inbox-kinds.ts'
import { paths } from '../../paths.ts'
import { num } from '../../ui/format.ts'
import { Time } from '../../ui/Time.tsx'
import { ListPanel } from './ListPanel.tsx'

const shown = 6

/** What waits for whoever reads, most urgent first; nothing where nothing does. */
export function Waiting() {
  const items = useQuery(query('inbox.view', {})).data?.items
  if (!items || items.length === 0) return null
  const of = (kind: (typeof items)[number]['kind']) => inboxKinds.find((each) => each.kind === kind)
  return (
    <ListPanel
      title="Waits for you"
      none=""
      aside={<Link to={paths.inbox()}>{`All ${num(items.length)} in the inbox`}</Link>}
      rows={items.slice(0, shown)}
      rowKey={(row) => `${row.kind} ${row.id}`}
      renderName={(row) => (
        <>
          <span className="sp-dim">{of(row.kind)?.title}:</span>{' '}
          <Link to={of(row.kind)?.to(row.id) ?? paths.inbox()}>{row.title}</Link>
        </>
      )}
      renderValue={(row) =>
        row.until && (
          <>
            {of(row.kind)?.until.toLowerCase()} <Time at={row.until} />
          </>
        )
      }
    />
  )
}
