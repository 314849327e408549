import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { OutputOf } from '../../../contract/index.ts'
import { pages, query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ciChoices, ciSystems } from '../../parts/ci-systems.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { TrustTabs } from '../../parts/TrustTabs.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty, NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Time } from '../../ui/Time.tsx'
import { HealthBadge } from './HealthBadge.tsx'

export const handle = { crumb: 'Trust' }

type Row = OutputOf<'issuers.list'>['items'][number]

const columns: Column<Row>[] = [
  {
    key: 'name',
    title: 'Issuer',
    width: '220px',
    cell: (row) => <Link to={paths.issuer(row.id)}>{row.name}</Link>,
  },
  { key: 'kind', title: 'CI system', width: '150px', cell: (row) => ciSystems[row.kind].label },
  {
    key: 'health',
    title: 'Keys',
    width: '210px',
    keep: true,
    cell: (row) => <HealthBadge health={row.health} />,
  },
  {
    key: 'fetched',
    title: 'Fetched',
    width: '120px',
    cell: (row) => <Time at={row.health.fetchedAt} />,
  },
  {
    key: 'audience',
    title: 'Audience',
    cell: (row) => <code title={row.audience}>{row.audience}</code>,
  },
  {
    key: 'rules',
    title: 'Rules',
    width: '80px',
    align: 'end',
    keep: true,
    cell: (row) => num(row.rules),
  },
  {
    key: 'used',
    title: 'Last used',
    width: '130px',
    cell: (row) => <Time at={row.lastUsedAt} />,
  },
]

export function Component() {
  const [filters, setFilters] = useQueryState('issuers.list')
  const me = useQuery(query('me.view', {}))
  const list = useInfiniteQuery(pages('issuers.list', filters))
  const filtered = Object.values(filters).some((value) => value !== undefined)
  const create = (
    <AllowedAction
      primary
      allowed={me.data?.may.map(({ permission }) => permission) ?? []}
      may="issuer:create"
      to={paths.issuerNew()}
    >
      Trust an issuer
    </AllowedAction>
  )
  return (
    <Page
      title="Trust"
      purpose="CI systems whose OIDC tokens are taken as proof of a run, and the rules that say whose run it is."
      action={create}
      tabs={<TrustTabs />}
      fill
    >
      <FilterBar
        filters={[{ key: 'kind', label: 'CI system', options: ciChoices }]}
        value={filters}
        onChange={setFilters}
      />
      <ProblemNotice error={list.error} />
      <DataTable
        label="Issuers"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.issuer(row.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          filtered ? (
            <NoResults noun="issuers" onClear={() => setFilters({ kind: '' })} />
          ) : (
            <Empty title="No CI system is trusted yet" action={create}>
              Until one is, no pipeline gets a lease. Trust an issuer, then bind its tokens to
              projects by rules.
            </Empty>
          )
        }
      />
    </Page>
  )
}
