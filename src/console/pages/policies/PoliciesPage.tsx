import { Button, Group } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Policy } from '../../../contract/policies.ts'
import { pages, query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ModeBadge } from '../../parts/ModeBadge.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty, NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { Page } from '../../ui/Page.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { Denials } from './Denials.tsx'
import { TriedUntil } from './TriedUntil.tsx'
import { UsageMark } from './UsageMark.tsx'

export const handle = { crumb: 'Policies' }

const columns: Column<Policy>[] = [
  {
    key: 'name',
    title: 'Name',
    cell: (row) => <Link to={paths.policy(row.id)}>{row.name}</Link>,
  },
  {
    key: 'mode',
    title: 'Mode',
    width: '120px',
    keep: true,
    cell: (row) => (
      <>
        <ModeBadge mode={row.mode} />{' '}
        {row.asked && (
          <Link to={paths.policy(row.id, 'enforcement')}>
            <Status is="unknown">{row.asked.mine ? 'Asked by you' : 'Awaits approval'}</Status>
          </Link>
        )}
      </>
    ),
  },
  {
    key: 'until',
    title: 'Tried until',
    width: '140px',
    cell: (row) => row.evaluateUntil && <TriedUntil policy={row} />,
  },
  {
    key: 'denials',
    title: 'Denied, 7 days',
    width: '120px',
    align: 'end',
    keep: true,
    cell: (row) => <Denials of={row.denials} policy={row.id} policyMode="enforce" />,
  },
  {
    key: 'would',
    title: 'Would be denied',
    width: '140px',
    align: 'end',
    cell: (row) => <Denials of={row.wouldDenials} policy={row.id} policyMode="evaluate" />,
  },
  {
    key: 'usage',
    title: 'Denied of applied, 90 days',
    width: '210px',
    cell: (row) => <UsageMark usage={row.usage} fired={row.denials + row.wouldDenials > 0} />,
  },
  {
    key: 'version',
    title: 'In force',
    width: '100px',
    align: 'end',
    cell: (row) =>
      row.versionInForce === null ? '–' : `${row.versionInForce} of ${row.currentVersion}`,
  },
  {
    key: 'updated',
    title: 'Last written',
    width: '140px',
    optional: true,
    cell: (row) => <Time at={row.updatedAt} />,
  },
]

const modes = [
  { value: 'draft', label: 'Draft' },
  { value: 'evaluate', label: 'Evaluate' },
  { value: 'enforce', label: 'Enforce' },
]

export function Component() {
  const [filters, setFilters] = useQueryState('policies.list')
  const me = useQuery(query('me.view', {}))
  const list = useInfiniteQuery(pages('policies.list', filters))
  const rows = list.data?.pages.flatMap(({ items }) => items)
  const filtered = Object.values(filters).some((value) => value !== undefined)
  const create = (
    <AllowedAction
      primary
      allowed={me.data?.may.map(({ permission }) => permission) ?? []}
      may="policy:create"
      to={paths.policyLibrary()}
    >
      New policy
    </AllowedAction>
  )
  return (
    <Page
      title="Policies"
      purpose="Rules that forbid what grants and restrictions would permit: written as drafts, tried in evaluate mode, enforced by two people."
      action={
        <Group gap="xs">
          <Button component={Link} to={paths.replays()}>
            Replays
          </Button>
          {create}
        </Group>
      }
      fill
    >
      <FilterBar
        search={{ key: 'q', label: 'Search policies' }}
        filters={[{ key: 'mode', label: 'Mode', options: modes }]}
        value={filters}
        onChange={setFilters}
      />
      <ProblemNotice error={list.error} />
      <DataTable
        label="Policies"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.policy(row.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          filtered ? (
            <NoResults noun="policies" onClear={() => setFilters({ q: '', mode: '' })} />
          ) : (
            <Empty title="No policies yet" action={create}>
              Begin with one of the library, and see in evaluate mode what it would deny.
            </Empty>
          )
        }
      />
    </Page>
  )
}
