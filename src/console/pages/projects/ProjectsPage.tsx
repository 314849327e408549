import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Project } from '../../../contract/projects.ts'
import { pages, query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { findFilter } from '../../parts/find-filter.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty, NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { Page } from '../../ui/Page.tsx'
import { Time } from '../../ui/Time.tsx'
import { providers } from './providers.ts'

export const handle = { crumb: 'Projects' }

const columns: Column<Project>[] = [
  {
    key: 'name',
    title: 'Name',
    cell: (row) => <Link to={paths.project(row.id)}>{row.name}</Link>,
  },
  {
    key: 'segment',
    title: 'Segment',
    width: '140px',
    keep: true,
    cell: (row) => <Link to={paths.segment(row.segment.id)}>{row.segment.name}</Link>,
  },
  {
    key: 'team',
    title: 'Team',
    width: '130px',
    cell: (row) => row.team && <Link to={paths.team(row.team.id)}>{row.team.name}</Link>,
  },
  {
    key: 'provider',
    title: 'CI system',
    width: '130px',
    cell: (row) => providers.find(({ value }) => value === row.provider)?.label,
  },
  {
    key: 'repository',
    title: 'Repository',
    width: '300px',
    cell: (row) => <code>{row.repository}</code>,
  },
  {
    key: 'used',
    title: 'Last used',
    width: '120px',
    keep: true,
    cell: (row) => <Time at={row.lastUsedAt} />,
  },
]

export function Component() {
  const [filters, setFilters] = useQueryState('projects.list')
  const me = useQuery(query('me.view', {}))
  const list = useInfiniteQuery(pages('projects.list', filters))
  const filtered = Object.values(filters).some((value) => value !== undefined)
  const create = (
    <AllowedAction
      primary
      allowed={me.data?.may.map(({ permission }) => permission) ?? []}
      may="project:create"
      to={paths.projectNew()}
    >
      Add project
    </AllowedAction>
  )
  return (
    <Page
      title="Projects"
      purpose="Repositories with pipelines, each placed in one segment."
      action={create}
      fill
    >
      <FilterBar
        search={{ key: 'q', label: 'Search projects' }}
        filters={[
          findFilter('segment', 'segmentId', 'Segment'),
          findFilter('team', 'teamId', 'Team'),
          { key: 'provider', label: 'CI system', options: providers },
        ]}
        value={filters}
        onChange={setFilters}
      />
      <ProblemNotice error={list.error} />
      <DataTable
        label="Projects"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.project(row.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          filtered ? (
            <NoResults
              noun="projects"
              onClear={() => setFilters({ q: '', segmentId: '', teamId: '', provider: '' })}
            />
          ) : (
            <Empty title="No projects yet" action={create}>
              Add a repository and place it in a segment; its runs can then ask for contexts.
            </Empty>
          )
        }
      />
    </Page>
  )
}
