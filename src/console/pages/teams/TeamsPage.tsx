import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Team } from '../../../contract/teams.ts'
import { pages } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'

export const handle = { crumb: 'Teams' }

const columns: Column<Team>[] = [
  {
    key: 'name',
    title: 'Name',
    width: '240px',
    cell: (row) => <Link to={paths.team(row.id)}>{row.name}</Link>,
  },
  {
    key: 'members',
    title: 'Members',
    width: '100px',
    align: 'end',
    keep: true,
    cell: (row) => <Link to={paths.people({ team: row.id })}>{num(row.members)}</Link>,
  },
  {
    key: 'leads',
    title: 'Leads',
    width: '280px',
    keep: true,
    cell: (row) =>
      row.leads.map((person, at) => (
        <span key={person.id}>
          {at > 0 && ', '}
          <PersonLink person={person} />
        </span>
      )),
  },
  {
    key: 'group',
    title: 'Group at the identity provider',
    optional: true,
    width: '240px',
    cell: (row) => row.idpGroup && <code>{row.idpGroup}</code>,
  },
  { key: 'description', title: 'Description', cell: (row) => row.description },
]

export function Component() {
  const [filters, setFilters] = useQueryState('teams.list')
  const list = useInfiniteQuery(pages('teams.list', filters))
  return (
    <Page
      title="Teams"
      purpose="They come from groups of the identity provider and from imports; a team can be granted roles."
      fill
    >
      <FilterBar
        search={{ key: 'search', label: 'Search teams' }}
        value={filters}
        onChange={setFilters}
      />
      <ProblemNotice error={list.error} />
      <DataTable
        label="Teams"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.team(row.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={<NoResults noun="teams" onClear={() => setFilters({ search: '' })} />}
      />
    </Page>
  )
}
