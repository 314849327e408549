import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { scopeSaid, stateWords } from '../../../contract/review-words.ts'
import type { Review } from '../../../contract/reviews.ts'
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
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { stateSaid } from './review-words.ts'

export const handle = { crumb: 'Access reviews' }

const columns: Column<Review>[] = [
  {
    key: 'name',
    title: 'Name',
    width: '260px',
    cell: (row) => <Link to={paths.review(row.id)}>{row.name}</Link>,
  },
  {
    key: 'state',
    title: 'State',
    width: '150px',
    keep: true,
    cell: (row) => {
      const { is, word } = stateSaid(row)
      return <Status is={is}>{word}</Status>
    },
  },
  { key: 'scope', title: 'What is reviewed', cell: scopeSaid },
  {
    key: 'answered',
    title: 'Answered',
    width: '120px',
    align: 'end',
    keep: true,
    cell: (row) => `${num(row.answered)} of ${num(row.lines)}`,
  },
  {
    key: 'mine',
    title: 'Wait for you',
    width: '110px',
    align: 'end',
    keep: true,
    cell: (row) => (row.mine > 0 ? num(row.mine) : '–'),
  },
  {
    key: 'due',
    title: 'Due',
    width: '150px',
    keep: true,
    cell: (row) =>
      row.closedAt ? (
        <span className="sp-dim">
          over <Time at={row.closedAt} />
        </span>
      ) : (
        <Time at={row.dueAt} />
      ),
  },
  {
    key: 'again',
    title: 'Again',
    width: '130px',
    cell: (row) => (row.everyDays ? `every ${row.everyDays} days` : '–'),
  },
  { key: 'by', title: 'Started by', width: '150px', cell: (row) => row.startedBy.name },
]

const stateChoices = Object.entries(stateWords).map(([value, label]) => ({ value, label }))

export function Component() {
  const [{ limit: _, cursor: __, ...filters }, setFilters] = useQueryState('reviews.list')
  const me = useQuery(query('me.view', {}))
  const list = useInfiniteQuery(pages('reviews.list', filters))
  return (
    <Page
      title="Access reviews"
      purpose="Who has what is looked at line by line, by somebody else than whom it is about; what nobody needs goes."
      action={
        <AllowedAction
          primary
          allowed={me.data?.may.map(({ permission }) => permission) ?? []}
          may="review:run"
          to={paths.reviewNew()}
        >
          Start access review
        </AllowedAction>
      }
      fill
    >
      <FilterBar
        filters={[{ key: 'state', label: 'State', options: stateChoices }]}
        value={filters}
        onChange={setFilters}
      />
      <ProblemNotice error={list.error} />
      <DataTable
        label="Access reviews"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.review(row.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          filters.state ? (
            <NoResults noun="access reviews" onClear={() => setFilters({ state: '' })} />
          ) : (
            <Empty title="Nothing was reviewed yet">
              A review freezes who has what, asks those who know, and ends what is not needed.
            </Empty>
          )
        }
      />
    </Page>
  )
}
