import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Segment } from '../../../contract/segments.ts'
import { pages, query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty, NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { SegmentTabs } from './SegmentTabs.tsx'
import { TierBadge, tiers } from '../../parts/TierBadge.tsx'

export const handle = { crumb: 'Segments' }

const columns: Column<Segment>[] = [
  {
    key: 'name',
    title: 'Name',
    cell: (row) => <Link to={paths.segment(row.id)}>{row.name}</Link>,
  },
  {
    key: 'tier',
    title: 'Tier',
    width: '140px',
    keep: true,
    cell: (row) => <TierBadge tier={row.tier} />,
  },
  {
    key: 'ranges',
    title: 'Address ranges',
    width: '260px',
    cell: (row) =>
      row.cidrs.length === 0 ? 'from anywhere' : <code>{row.cidrs.slice(0, 2).join(', ')}</code>,
  },
  {
    key: 'runners',
    title: 'Runner classes',
    width: '220px',
    cell: (row) => <code>{row.runnerClasses.slice(0, 2).join(', ')}</code>,
  },
  {
    key: 'projects',
    title: 'Projects',
    width: '100px',
    align: 'end',
    keep: true,
    cell: (row) => <Link to={paths.projects({ segmentId: row.id })}>{num(row.projects)}</Link>,
  },
  {
    key: 'contexts',
    title: 'Contexts',
    width: '100px',
    align: 'end',
    cell: (row) => <Link to={paths.contexts({ segmentId: row.id })}>{num(row.contexts)}</Link>,
  },
]

export function Component() {
  const [filters, setFilters] = useQueryState('segments.list')
  const me = useQuery(query('me.view', {}))
  const list = useInfiniteQuery(pages('segments.list', filters))
  const filtered = Object.values(filters).some((value) => value !== undefined)
  const create = (
    <AllowedAction
      primary
      allowed={me.data?.may.map(({ permission }) => permission) ?? []}
      may="segment:create"
      to={paths.segmentNew()}
    >
      Create segment
    </AllowedAction>
  )
  return (
    <Page
      title="Segments"
      purpose="Zones of trust: from which networks and runners their projects’ runs may come."
      action={create}
      tabs={<SegmentTabs />}
      fill
    >
      <FilterBar
        search={{ key: 'q', label: 'Search segments' }}
        filters={[{ key: 'tier', label: 'Tier', options: tiers }]}
        value={filters}
        onChange={setFilters}
      />
      <ProblemNotice error={list.error} />
      <DataTable
        label="Segments"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.segment(row.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          filtered ? (
            <NoResults noun="segments" onClear={() => setFilters({ q: '', tier: '' })} />
          ) : (
            <Empty title="No segments yet" action={create}>
              Create one per zone, production first, then place projects and contexts in it.
            </Empty>
          )
        }
      />
    </Page>
  )
}
