import { Button } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Suspense, lazy, useState } from 'react'
import type { Grant } from '../../../contract/grants.ts'
import { Link, useSearchParams } from 'react-router'
import { pages, query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { findFilter } from '../../parts/find-filter.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { ExportMenu } from '../../parts/ExportMenu.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { RoleLink } from '../../parts/RoleLink.tsx'
import { useAskedOfPage } from '../../parts/use-asked-of-page.ts'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { Page } from '../../ui/Page.tsx'
import { Time } from '../../ui/Time.tsx'
import { GrantStateBadge, states } from './GrantStateBadge.tsx'

const RevokeGrants = lazy(() =>
  import('./RevokeGrants.tsx').then((module) => ({ default: module.RevokeGrants })),
)

export const handle = { crumb: 'Grants' }

const columns: Column<Grant>[] = [
  {
    key: 'who',
    title: 'Who',
    width: '170px',
    cell: ({ subject }) => (
      <ObjectLink
        kind={subject.kind}
        id={subject.id}
        name={subject.kind === 'team' ? `team ${subject.name}` : subject.name}
      />
    ),
  },
  {
    key: 'role',
    title: 'Role',
    width: '130px',
    keep: true,
    cell: (row) => <RoleLink role={row.role} />,
  },
  {
    key: 'scope',
    title: 'Where',
    width: '160px',
    keep: true,
    cell: ({ scope }) =>
      scope.id ? <ObjectLink kind={scope.kind} id={scope.id} name={scope.name} /> : scope.name,
  },
  {
    key: 'state',
    title: 'State',
    width: '90px',
    keep: true,
    cell: (row) => <GrantStateBadge state={row.state} />,
  },
  {
    key: 'until',
    title: 'Until',
    width: '110px',
    cell: (row) => <Time at={row.endedAt ?? row.expiresAt} never="no end" />,
  },
  {
    key: 'used',
    title: 'Last used',
    width: '120px',
    cell: (row) => <Time at={row.lastUsedAt} />,
  },
  {
    key: 'by',
    title: 'Granted by',
    width: '140px',
    cell: (row) => <PersonLink person={row.grantedBy} />,
  },
  {
    key: 'reason',
    title: 'Reason',
    cell: (row) => <span title={row.reason}>{row.reason}</span>,
  },
]

const ends = [
  { value: '7', label: 'in 7 days' },
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
]
const scopes = [
  { value: 'organization', label: 'Organization' },
  { value: 'segment', label: 'Segment' },
  { value: 'project', label: 'Project' },
  { value: 'context', label: 'Context' },
]

export function Component() {
  const [filters, setFilters] = useQueryState('grants.list')
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [asked, setAsked] = useState(false)
  const [params] = useSearchParams()
  // A finding's fix leads here with the reason, to revoke all that the person was granted directly.
  const because = params.get('revoke')
  const me = useQuery(query('me.view', {}))
  const list = useInfiniteQuery(pages('grants.list', filters))
  const rows = list.data?.pages.flatMap(({ items }) => items)
  useAskedOfPage(because, rows !== undefined, () => {
    const direct = (rows ?? []).filter(
      ({ subject, allowed }) => subject.id === filters.person && allowed.includes('grant:revoke'),
    )
    setSelected(new Set(direct.map(({ id }) => id)))
    setAsked(direct.length > 0)
  })
  return (
    <Page
      title="Grants"
      purpose="Who holds which role, where, until when and why."
      action={
        <AllowedAction
          primary
          allowed={me.data?.may.map(({ permission }) => permission) ?? []}
          may="grant:create"
          to={paths.grantNew()}
        >
          Grant role
        </AllowedAction>
      }
      fill
    >
      <FilterBar
        filters={[
          findFilter('role', 'role', 'Role'),
          { key: 'scope', label: 'Scope', options: scopes },
          { key: 'state', label: 'State', options: states },
          { key: 'expiringWithinDays', label: 'Ends', options: ends },
          {
            key: 'withoutExpiry',
            label: 'No end',
            options: [{ value: 'true', label: 'without an end' }],
          },
        ]}
        value={filters}
        onChange={setFilters}
      />
      <ProblemNotice error={list.error} />
      {because !== null &&
        filters.person &&
        rows &&
        rows.every(({ subject }) => subject.kind === 'team') && (
          <p role="note">
            Nothing is granted to them directly{rows.length > 0 && ': all of it comes by a team'}.
            Who is needed no longer leaves the team where it is kept, or is marked as left on{' '}
            <Link to={paths.person(filters.person)}>their page</Link>.
          </p>
        )}
      <DataTable
        label="Grants"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.grant(row.id)}
        tools={<ExportMenu what="access" noun="grants" query={filters} />}
        selection={{
          selected,
          onChange: setSelected,
          name: (row) => `${row.role.name} of ${row.subject.name}`,
          actions: (
            <Button variant="default" color="red" onClick={() => setAsked(true)}>
              Revoke grants
            </Button>
          ),
        }}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          <NoResults
            noun="grants"
            onClear={() =>
              setFilters({
                role: '',
                scope: '',
                scopeId: '',
                state: '',
                person: '',
                team: '',
                expiringWithinDays: '',
                withoutExpiry: '',
              })
            }
          />
        }
      />
      {asked && (
        <Suspense>
          <RevokeGrants
            ids={[...selected]}
            because={because ?? ''}
            onClose={() => setAsked(false)}
            onDone={() => {
              setSelected(new Set())
              setAsked(false)
            }}
          />
        </Suspense>
      )}
    </Page>
  )
}
