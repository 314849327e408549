import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Person } from '../../../contract/people.ts'
import { pages, query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { findFilter } from '../../parts/find-filter.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { Page } from '../../ui/Page.tsx'
import { Time } from '../../ui/Time.tsx'
import { PersonState } from './PersonState.tsx'

export const handle = { crumb: 'People' }

const columns: Column<Person>[] = [
  {
    key: 'name',
    title: 'Name',
    width: '220px',
    cell: (row) => <Link to={paths.person(row.id)}>{row.name}</Link>,
  },
  {
    key: 'state',
    title: 'State',
    width: '110px',
    cell: (row) => <PersonState person={row} />,
  },
  {
    key: 'teams',
    keep: true,
    title: 'Teams',
    width: '220px',
    cell: (row) =>
      row.teams.map((team, at) => (
        <span key={team.id}>
          {at > 0 && ', '}
          <Link to={paths.team(team.id)}>{team.lead ? `${team.name} (lead)` : team.name}</Link>
        </span>
      )),
  },
  { key: 'title', title: 'Title', width: '200px', cell: (row) => row.title },
  { key: 'email', title: 'E-mail', cell: (row) => (row.erasedAt ? '' : row.email) },
  {
    key: 'seen',
    keep: true,
    title: 'Last signed in',
    width: '140px',
    cell: (row) => <Time at={row.lastSeenAt} />,
  },
]

const states = [
  { value: 'left', label: 'Left' },
  { value: 'any', label: 'Any' },
]
const unseen = [
  { value: '30', label: 'for 30 days' },
  { value: '90', label: 'for 90 days' },
]

export function Component() {
  const [filters, setFilters] = useQueryState('people.list')
  const me = useQuery(query('me.view', {}))
  const list = useInfiniteQuery(pages('people.list', filters))
  return (
    <Page
      title="People"
      purpose="Everybody the identity provider or an import has told of, and what they reach."
      action={
        <AllowedAction
          primary
          allowed={me.data?.may.map(({ permission }) => permission) ?? []}
          may="person:import"
          to={paths.peopleImport()}
        >
          Import people
        </AllowedAction>
      }
      fill
    >
      <FilterBar
        search={{ key: 'search', label: 'Search people' }}
        filters={[
          findFilter('team', 'team', 'Team'),
          { key: 'state', label: 'State', options: states },
          { key: 'unseenDays', label: 'Not signed in', options: unseen },
        ]}
        value={filters}
        onChange={setFilters}
      />
      <ProblemNotice error={list.error} />
      <DataTable
        label="People"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.person(row.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          <NoResults
            noun="people"
            onClear={() => setFilters({ search: '', team: '', state: '', unseenDays: '' })}
          />
        }
      />
    </Page>
  )
}
