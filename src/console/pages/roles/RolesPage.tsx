import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Role } from '../../../contract/roles.ts'
import { pages, query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Status } from '../../ui/Status.tsx'

export const handle = { crumb: 'Roles' }

const columns: Column<Role>[] = [
  {
    key: 'name',
    title: 'Name',
    width: '220px',
    cell: (row) => <Link to={paths.role(row.id)}>{row.name}</Link>,
  },
  {
    key: 'kind',
    title: 'Kind',
    width: '120px',
    keep: true,
    cell: (row) => <Status is="plain">{row.builtIn ? 'Built in' : 'Custom'}</Status>,
  },
  { key: 'description', title: 'What it is for', cell: (row) => row.description },
  {
    key: 'permissions',
    title: 'Permissions',
    width: '120px',
    align: 'end',
    cell: (row) => num(row.permissions.length),
  },
  {
    key: 'grants',
    title: 'Live grants',
    width: '110px',
    align: 'end',
    keep: true,
    cell: (row) => <Link to={paths.grants({ role: row.id })}>{num(row.grants)}</Link>,
  },
]

export function Component() {
  const [filters, setFilters] = useQueryState('roles.list')
  const me = useQuery(query('me.view', {}))
  const list = useInfiniteQuery(pages('roles.list', filters))
  return (
    <Page
      title="Roles"
      purpose="Named sets of permissions. A grant gives one to a person or a team, somewhere, for a time."
      action={
        <AllowedAction
          primary
          allowed={me.data?.may.map(({ permission }) => permission) ?? []}
          may="role:create"
          to={paths.roleNew()}
        >
          Create role
        </AllowedAction>
      }
      fill
    >
      <FilterBar
        search={{ key: 'search', label: 'Search roles' }}
        value={filters}
        onChange={setFilters}
      />
      <ProblemNotice error={list.error} />
      <DataTable
        label="Roles"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.role(row.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={<NoResults noun="roles" onClear={() => setFilters({ search: '' })} />}
      />
    </Page>
  )
}
