import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import type { OutputOf } from '../../../contract/index.ts'
import { query } from '../../api/client.ts'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { num } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Time } from '../../ui/Time.tsx'

type Detail = OutputOf<'people.view'>

/** The path, as it is followed: how it came, the role, where it holds. */
const columns: Column<Detail['access'][number]>[] = [
  {
    key: 'via',
    title: 'How it came',
    cell: ({ via, grantId }) => (
      <Link to={paths.grant(grantId)}>
        {via.kind === 'team' ? `by team ${via.name}` : 'granted directly'}
      </Link>
    ),
  },
  {
    key: 'role',
    title: 'Role',
    width: '180px',
    keep: true,
    cell: (row) => <Link to={paths.role(row.role.id)}>{row.role.name}</Link>,
  },
  {
    key: 'scope',
    title: 'Where',
    width: '200px',
    keep: true,
    cell: ({ scope }) =>
      scope.id ? <ObjectLink kind={scope.kind} id={scope.id} name={scope.name} /> : scope.name,
  },
  {
    key: 'permissions',
    title: 'Permissions',
    width: '120px',
    align: 'end',
    cell: (row) => num(row.permissions.length),
  },
  {
    key: 'until',
    title: 'Until',
    width: '140px',
    cell: (row) => <Time at={row.expiresAt} never="no end" />,
  },
  {
    key: 'used',
    title: 'Last used',
    width: '140px',
    cell: (row) => <Time at={row.lastUsedAt} />,
  },
]

export function Component() {
  const { personId = '' } = useParams()
  const person = useSuspenseQuery(query('people.view', { personId })).data
  return (
    <Panel
      title="Effective access, with the path by which it came"
      aside={<Link to={paths.audit({ q: `actor:"${person.name}"` })}>What they did</Link>}
      flush
    >
      <DataTable
        label="Effective access"
        columns={columns}
        rows={person.access}
        rowKey={(row) => row.grantId}
        rowHref={(row) => paths.grant(row.grantId)}
        empty={<Empty title="No access">No live grant names them or a team of theirs.</Empty>}
      />
    </Panel>
  )
}
