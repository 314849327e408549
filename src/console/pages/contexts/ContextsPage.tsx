import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Context } from '../../../contract/contexts.ts'
import { pages, query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { findFilter } from '../../parts/find-filter.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty, NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'

export const handle = { crumb: 'Contexts' }

const columns: Column<Context>[] = [
  {
    key: 'name',
    title: 'Name',
    cell: (row) => <Link to={paths.context(row.id)}>{row.name}</Link>,
  },
  {
    key: 'state',
    title: 'Use',
    width: '150px',
    keep: true,
    cell: (row) =>
      row.closed ? <Status is="denied">Closed</Status> : <Status is="permitted">Restricted</Status>,
  },
  {
    key: 'secrets',
    title: 'Secrets',
    width: '90px',
    align: 'end',
    keep: true,
    cell: (row) => num(row.secrets),
  },
  {
    key: 'restrictions',
    title: 'Restrictions',
    width: '110px',
    align: 'end',
    cell: (row) => num(row.restrictions),
  },
  {
    key: 'segment',
    title: 'Segment',
    width: '160px',
    cell: (row) =>
      row.segment && <Link to={paths.segment(row.segment.id)}>{row.segment.name}</Link>,
  },
  {
    key: 'team',
    title: 'Owner',
    width: '160px',
    cell: (row) => row.team && <Link to={paths.team(row.team.id)}>{row.team.name}</Link>,
  },
  {
    key: 'used',
    title: 'Last used',
    width: '140px',
    cell: (row) => <Time at={row.lastUsedAt} />,
  },
]

const uses = [
  { value: 'true', label: 'Closed' },
  { value: 'false', label: 'Restricted' },
]

export function Component() {
  const [filters, setFilters] = useQueryState('contexts.list')
  const me = useQuery(query('me.view', {}))
  const list = useInfiniteQuery(pages('contexts.list', filters))
  const rows = list.data?.pages.flatMap(({ items }) => items)
  const filtered = Object.values(filters).some((value) => value !== undefined)
  const create = (
    <AllowedAction
      primary
      allowed={me.data?.may.map(({ permission }) => permission) ?? []}
      may="context:create"
      to={paths.contextNew()}
    >
      Create context
    </AllowedAction>
  )
  return (
    <Page
      title="Contexts"
      purpose="Named bundles of secrets, each with restrictions on which pipeline runs may use it."
      action={create}
      fill
    >
      <FilterBar
        search={{ key: 'q', label: 'Search contexts' }}
        filters={[
          { key: 'closed', label: 'Use', options: uses },
          findFilter('segment', 'segmentId', 'Segment'),
          findFilter('team', 'teamId', 'Owner'),
        ]}
        value={filters}
        onChange={setFilters}
      />
      <ProblemNotice error={list.error} />
      <DataTable
        label="Contexts"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.context(row.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          filtered ? (
            <NoResults
              noun="contexts"
              onClear={() => setFilters({ q: '', closed: '', segmentId: '', teamId: '' })}
            />
          ) : (
            <Empty title="No contexts yet" action={create}>
              Create one, store secrets in it, then say which runs may use it.
            </Empty>
          )
        }
      />
    </Page>
  )
}
