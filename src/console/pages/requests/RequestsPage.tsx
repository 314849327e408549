import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { AccessRequest } from '../../../contract/requests.ts'
import { pages } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { ExportMenu } from '../../parts/ExportMenu.tsx'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { RequestTabs } from '../../parts/RequestTabs.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty, NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { Page } from '../../ui/Page.tsx'
import { Time } from '../../ui/Time.tsx'
import { duration } from '../../../contract/duration.ts'
import { RequestStateBadge, stateChoices } from '../../parts/RequestStateBadge.tsx'

export const handle = { crumb: 'Requests' }

const until = ({ state, answerBy, grant }: AccessRequest) =>
  state === 'pending' || state === 'asked_back' ? answerBy : (grant?.endedAt ?? grant?.expiresAt)

const columns: Column<AccessRequest>[] = [
  {
    key: 'role',
    title: 'Role',
    width: '170px',
    keep: true,
    cell: (row) => <Link to={paths.request(row.id)}>{row.role.name}</Link>,
  },
  {
    key: 'scope',
    title: 'Where',
    width: '190px',
    keep: true,
    cell: ({ scope }) =>
      scope.id ? <ObjectLink kind={scope.kind} id={scope.id} name={scope.name} /> : scope.name,
  },
  {
    key: 'who',
    title: 'For',
    width: '160px',
    keep: true,
    cell: ({ requester }) => <ObjectLink kind="person" {...requester} />,
  },
  {
    key: 'state',
    title: 'State',
    width: '130px',
    keep: true,
    cell: (row) => <RequestStateBadge state={row.state} />,
  },
  {
    key: 'approvals',
    title: 'Approvals',
    width: '100px',
    align: 'end',
    cell: ({ steps }) => {
      const sum = (of: 'given' | 'needed') => steps.reduce((all, step) => all + step[of], 0)
      return <span className="sp-num">{`${sum('given')} of ${sum('needed')}`}</span>
    },
  },
  {
    key: 'lasts',
    title: 'Lasts',
    width: '110px',
    cell: (row) => duration(row.durationMinutes),
  },
  {
    key: 'until',
    title: 'Until',
    width: '130px',
    cell: (row) => <Time at={until(row)} never="–" />,
  },
  { key: 'asked', title: 'Asked', width: '130px', cell: (row) => <Time at={row.createdAt} /> },
  { key: 'reason', title: 'Reason', cell: (row) => row.reason },
  {
    key: 'ticket',
    title: 'Ticket',
    width: '110px',
    optional: true,
    cell: (row) => row.ticket ?? '–',
  },
]

const whose = [
  { value: 'mine', label: 'Mine' },
  { value: 'decide', label: 'To decide' },
]
const cleared = { which: '', state: '', role: '', person: '' }

export function Component() {
  const [{ limit: _, cursor: __, ...filters }, setFilters] = useQueryState('requests.list')
  const list = useInfiniteQuery(pages('requests.list', filters))
  const filtered = Object.values(filters).some((value) => value !== undefined && value !== 'all')
  return (
    <Page
      title="Requests"
      purpose="Who asks for which role, where and for how long; who decides, and how it went."
      action={
        <>
          <Button component={Link} to={paths.requestCatalogue()}>
            What may be asked for
          </Button>
          <Button variant="filled" component={Link} to={paths.requestNew()}>
            Ask for access
          </Button>
        </>
      }
      tabs={<RequestTabs />}
      fill
    >
      <FilterBar
        filters={[
          { key: 'which', label: 'Whose', options: whose },
          { key: 'state', label: 'State', options: stateChoices },
        ]}
        value={filters}
        onChange={setFilters}
      />
      <ProblemNotice error={list.error} />
      <DataTable
        label="Requests"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.request(row.id)}
        tools={<ExportMenu what="requests" noun="requests" query={filters} />}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          filtered ? (
            <NoResults noun="requests" onClear={() => setFilters(cleared)} />
          ) : (
            <Empty title="Nobody asked yet">
              Ask for a role where you need it, for as long as you need it. It ends by itself.
            </Empty>
          )
        }
      />
    </Page>
  )
}
