import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Export } from '../../../contract/exports.ts'
import { pages } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { num, size } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Time } from '../../ui/Time.tsx'
import { ExportActions } from './ExportActions.tsx'
import { ExportProgress } from './ExportProgress.tsx'
import { exportFormats, exportNouns } from '../../parts/export-words.ts'

export const handle = { crumb: 'Exports' }

const columns: Column<Export>[] = [
  {
    key: 'what',
    title: 'What',
    width: '180px',
    cell: ({ what, format }) => `${exportNouns[what]}, ${exportFormats[format]}`,
  },
  { key: 'query', title: 'Asked for', keep: true, cell: (row) => <Query of={row} /> },
  {
    key: 'state',
    title: 'State',
    width: '260px',
    keep: true,
    cell: (row) => <ExportProgress of={row} />,
  },
  {
    key: 'rows',
    title: 'Rows',
    width: '80px',
    align: 'end',
    cell: ({ done }) => num(done),
  },
  { key: 'size', title: 'Size', width: '100px', align: 'end', cell: ({ bytes }) => size(bytes) },
  {
    key: 'by',
    title: 'Asked by',
    width: '140px',
    cell: ({ createdBy }) => <PersonLink person={createdBy} />,
  },
  {
    key: 'at',
    title: 'Asked',
    width: '120px',
    keep: true,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    key: 'expires',
    title: 'Kept until',
    width: '120px',
    cell: ({ state, expiresAt }) => (state === 'expired' ? 'gone' : <Time at={expiresAt} />),
  },
  {
    key: 'actions',
    title: 'Action',
    width: '120px',
    keep: true,
    cell: (row) => <ExportActions of={row} />,
  },
]

export function Component() {
  const [filters, setFilters] = useQueryState('exports.list')
  const list = useInfiniteQuery({
    ...pages('exports.list', filters),
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some(unfinished)) ? 1_000 : false,
  })
  const rows = list.data?.pages.flatMap(({ items }) => items)
  return (
    <Page
      title="Exports"
      purpose="Files that are made in the background. Each is kept for a week; only who asked for it takes it away, and that is on record."
      fill
    >
      <FilterBar
        filters={[
          {
            key: 'which',
            label: 'Whose',
            options: [
              { value: 'mine', label: 'Mine' },
              { value: 'all', label: 'All that I may see' },
            ],
          },
        ]}
        value={filters}
        onChange={setFilters}
      />
      <ProblemNotice error={list.error} />
      <DataTable
        label="Exports"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.id}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          <Empty title="No exports yet">
            The audit trail, decisions, grants, requests, reviews, findings and controls are
            exported from their pages, by what these show.
          </Empty>
        }
      />
    </Page>
  )
}

const unfinished = ({ state }: Export) => state === 'waiting' || state === 'running'

function Query({ of: { query, about } }: { of: Export }) {
  const terms = [...new URLSearchParams(query)]
    // What is meant by it stands there by its name.
    .filter(([key]) => about === null || key !== 'reviewId')
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')
  const narrowed = terms && <span className="sp-mono">{terms}</span>
  if (about) {
    return (
      <>
        <Link to={paths.review(about.id)}>{about.name}</Link> {narrowed}
      </>
    )
  }
  return narrowed || <span className="sp-dim">everything</span>
}
