import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { duration } from '../../../contract/duration.ts'
import type { UseException } from '../../../contract/exceptions.ts'
import { pages } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { RequestTabs } from '../../parts/RequestTabs.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty, NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { Page } from '../../ui/Page.tsx'
import { Time } from '../../ui/Time.tsx'
import { ExceptionStateBadge, exceptionStates } from './ExceptionStateBadge.tsx'

export const handle = { crumb: 'Exceptions' }

const until = ({ state, answerBy, endedAt, expiresAt }: UseException) =>
  state === 'pending' || state === 'lapsed' ? answerBy : (endedAt ?? expiresAt)

const columns: Column<UseException>[] = [
  {
    key: 'runs',
    title: 'Runs',
    width: '240px',
    keep: true,
    cell: (row) => {
      const text = `${row.project.name} on ${row.branch ?? row.tag ?? ''}`
      return (
        <Link to={paths.exception(row.id)} title={text}>
          {text}
        </Link>
      )
    },
  },
  {
    key: 'context',
    title: 'Context',
    width: '190px',
    keep: true,
    cell: ({ context }) =>
      context.id ? <ObjectLink kind="context" id={context.id} name={context.name} /> : context.name,
  },
  {
    key: 'state',
    title: 'State',
    width: '130px',
    keep: true,
    cell: (row) => <ExceptionStateBadge state={row.state} />,
  },
  {
    key: 'who',
    title: 'Asked by',
    width: '160px',
    cell: ({ requester }) => <ObjectLink kind="person" {...requester} />,
  },
  {
    key: 'decided',
    title: 'Decided by',
    width: '160px',
    cell: ({ decidedBy }) => (decidedBy ? <ObjectLink kind="person" {...decidedBy} /> : '–'),
  },
  { key: 'lasts', title: 'Lasts', width: '110px', cell: (row) => duration(row.minutes) },
  {
    key: 'until',
    title: 'Until',
    width: '130px',
    cell: (row) => <Time at={until(row)} never="–" />,
  },
  { key: 'reason', title: 'Reason', cell: (row) => <span title={row.reason}>{row.reason}</span> },
]

export function Component() {
  const [{ limit: _, cursor: __, ...filters }, setFilters] = useQueryState('exceptions.list')
  const list = useInfiniteQuery(pages('exceptions.list', filters))
  const filtered = Object.values(filters).some((value) => value !== undefined && value !== 'all')
  return (
    <Page
      title="Exceptions"
      purpose="Runs that a context admits for a time though its restrictions refuse them: asked for by one, approved by another, over by themselves."
      tabs={<RequestTabs />}
      fill
    >
      <FilterBar
        filters={[
          { key: 'which', label: 'Whose', options: [{ value: 'mine', label: 'Mine' }] },
          { key: 'state', label: 'State', options: exceptionStates },
        ]}
        value={filters}
        onChange={setFilters}
      />
      <ProblemNotice error={list.error} />
      <DataTable
        label="Exceptions"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.exception(row.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          filtered ? (
            <NoResults
              noun="exceptions"
              onClear={() => setFilters({ which: '', state: '', context: '', project: '' })}
            />
          ) : (
            <Empty title="No exception was asked for yet">
              Open the refusal of a run among the decisions, and ask for one from there.
            </Empty>
          )
        }
      />
    </Page>
  )
}
