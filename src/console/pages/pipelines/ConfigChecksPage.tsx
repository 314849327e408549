import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { PipelineCheck } from '../../../contract/pipelines.ts'
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
import { TimeRange } from '../../ui/TimeRange.tsx'
import { providerNames, statuses } from './check-status.ts'
import { CheckStatusBadge } from './CheckStatusBadge.tsx'

export const handle = { crumb: 'Config checks' }

const rulesBroken = ({ hardFailures, softFailures, wouldFailures }: PipelineCheck) =>
  [
    hardFailures > 0 && `${hardFailures} block`,
    softFailures > 0 && `${softFailures} warn`,
    wouldFailures > 0 && `${wouldFailures} would`,
  ]
    .filter(Boolean)
    .join(', ') || 'none'

const columns: Column<PipelineCheck>[] = [
  { key: 'at', title: 'When', width: '120px', cell: (row) => <Time at={row.at} /> },
  {
    key: 'status',
    title: 'Result',
    width: '130px',
    keep: true,
    cell: (row) => <CheckStatusBadge status={row.status} wouldFail={row.wouldFail} />,
  },
  { key: 'project', title: 'Project', width: '160px', keep: true, cell: (row) => row.project.name },
  { key: 'path', title: 'File', cell: (row) => <span className="sp-mono">{row.path}</span> },
  {
    key: 'ref',
    title: 'Branch or tag',
    width: '160px',
    cell: (row) => <span className="sp-mono">{row.branch ?? row.tag ?? 'not told'}</span>,
  },
  { key: 'rules', title: 'Rules broken', width: '170px', cell: rulesBroken },
  { key: 'by', title: 'Checked by', width: '140px', cell: (row) => row.checkedBy.name },
  {
    key: 'provider',
    title: 'CI system',
    width: '140px',
    optional: true,
    cell: (row) => providerNames[row.provider],
  },
]

const options = <T extends string>(words: Readonly<Record<T, string>>) =>
  Object.entries<string>(words).map(([value, label]) => ({ value, label }))
const cleared = {
  project: '',
  status: undefined,
  provider: undefined,
  from: undefined,
  until: undefined,
}

export function Component() {
  const [filters, setFilters] = useQueryState('pipelines.list')
  const me = useQuery(query('me.view', {}))
  const list = useInfiniteQuery(pages('pipelines.list', filters))
  const filtered = Object.values(filters).some((value) => value !== undefined)
  const check = (
    <AllowedAction
      primary
      allowed={me.data?.may.map(({ permission }) => permission) ?? []}
      may="pipeline:check"
      to={paths.checkNew()}
    >
      Check a config
    </AllowedAction>
  )
  return (
    <Page
      title="Config checks"
      purpose="CI configs that were checked against the policies, by people here and by jobs over the API."
      action={check}
      fill
    >
      <FilterBar
        filters={[
          {
            key: 'status',
            label: 'Result',
            options: Object.entries(statuses).map(([value, { word }]) => ({ value, label: word })),
          },
          findFilter('project', 'project', 'Project'),
          { key: 'provider', label: 'CI system', options: options(providerNames) },
        ]}
        value={filters}
        onChange={setFilters}
      >
        <TimeRange from={filters.from} until={filters.until} onChange={setFilters} />
      </FilterBar>
      <ProblemNotice error={list.error} />
      <DataTable
        label="Config checks"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.check(row.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          filtered ? (
            <NoResults noun="config checks" onClear={() => setFilters(cleared)} />
          ) : (
            <Empty title="No config has been checked yet" action={check}>
              Check one here, or have a job send its own before it does anything else.
            </Empty>
          )
        }
      />
    </Page>
  )
}
