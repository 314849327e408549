import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Replay } from '../../../contract/replays.ts'
import { pages, query } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Status, type Meaning } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'

export const handle = { crumb: 'Replays' }

const states: Record<Replay['state'], { is: Meaning; word: string }> = {
  waiting: { is: 'unknown', word: 'Waits' },
  running: { is: 'info', word: 'Runs' },
  done: { is: 'good', word: 'Done' },
  cancelled: { is: 'plain', word: 'Cancelled' },
  failed: { is: 'denied', word: 'Failed' },
}

const columns: Column<Replay>[] = [
  {
    key: 'what',
    title: 'Policies of the set',
    cell: ({ id, changes }) => (
      <Link to={paths.replay(id)}>{changes.map(({ name }) => name).join(', ')}</Link>
    ),
  },
  {
    key: 'state',
    title: 'State',
    width: '120px',
    keep: true,
    cell: ({ state }) => <Status is={states[state].is}>{states[state].word}</Status>,
  },
  {
    key: 'asked',
    title: 'Decisions',
    width: '110px',
    align: 'end',
    cell: ({ done }) => num(done),
  },
  {
    key: 'denied',
    title: 'Newly denied',
    width: '130px',
    align: 'end',
    keep: true,
    cell: ({ newlyDenied }) => num(newlyDenied),
  },
  {
    key: 'permitted',
    title: 'Newly permitted',
    width: '150px',
    align: 'end',
    keep: true,
    cell: ({ newlyPermitted }) => num(newlyPermitted),
  },
  {
    key: 'by',
    title: 'Asked by',
    width: '160px',
    cell: ({ createdBy }) => <PersonLink person={createdBy} />,
  },
  { key: 'at', title: 'Asked', width: '130px', cell: ({ createdAt }) => <Time at={createdAt} /> },
]

export function Component() {
  const me = useQuery(query('me.view', {}))
  const list = useInfiniteQuery({
    ...pages('replays.list', {}),
    refetchInterval: ({ state }) =>
      state.data?.pages[0]?.items.some(({ state: one }) => one === 'waiting' || one === 'running')
        ? 2_000
        : false,
  })
  const create = (
    <AllowedAction
      primary
      allowed={me.data?.may.map(({ permission }) => permission) ?? []}
      may="policy:update"
      to={paths.replayNew()}
    >
      Replay a set
    </AllowedAction>
  )
  return (
    <Page
      title="Replays"
      purpose="Draft sets of policies asked about what was really decided, before anything is enforced."
      action={create}
      fill
    >
      <ProblemNotice error={list.error} />
      <DataTable
        label="Replays"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.replay(row.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          <Empty title="No replays yet" action={create}>
            See what policies would have changed in the last days, before they do.
          </Empty>
        }
      />
    </Page>
  )
}
