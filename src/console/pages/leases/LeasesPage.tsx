import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { Link } from 'react-router'
import type { Lease } from '../../../contract/leases.ts'
import { readSecretAt } from '../../../contract/secret-at.ts'
import { pages, query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { findFilter } from '../../parts/find-filter.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { Countdown } from '../../ui/Countdown.tsx'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty, NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { LeaseStateBadge } from './LeaseStateBadge.tsx'

export const handle = { crumb: 'Leases' }

const RevokeLeases = lazy(() =>
  import('./RevokeLeases.tsx').then((m) => ({ default: m.RevokeLeases })),
)

const columns: Column<Lease>[] = [
  {
    key: 'issued',
    title: 'Issued',
    width: '130px',
    cell: (row) => (
      <Link to={paths.lease(row.id)}>
        <Time at={row.issuedAt} />
      </Link>
    ),
  },
  {
    key: 'state',
    title: 'State',
    width: '130px',
    keep: true,
    cell: (row) => <LeaseStateBadge lease={row} />,
  },
  {
    key: 'project',
    title: 'Project',
    width: '180px',
    keep: true,
    cell: (row) => <ObjectLink kind="project" {...row.project} />,
  },
  {
    key: 'contexts',
    title: 'Contexts',
    keep: true,
    cell: (row) =>
      row.contexts.map(({ id, name }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <ObjectLink kind="context" id={id} name={name} />
        </span>
      )),
  },
  {
    key: 'ref',
    title: 'Branch or tag',
    width: '160px',
    cell: (row) => <span className="sp-mono">{row.branch ?? row.tag ?? '–'}</span>,
  },
  {
    key: 'run',
    title: 'Run',
    width: '150px',
    optional: true,
    cell: (row) => <span className="sp-mono">{row.runId ?? '–'}</span>,
  },
  {
    key: 'expires',
    title: 'Ends in',
    width: '90px',
    align: 'end',
    cell: (row) =>
      row.state === 'issued' ? <Countdown until={row.expiresAt} over="ended" /> : '–',
  },
  {
    key: 'redeemed',
    title: 'Redeemed',
    width: '130px',
    cell: (row) => <Time at={row.redeemedAt} never="–" />,
  },
  {
    key: 'from',
    title: 'From',
    width: '140px',
    cell: (row) => <span className="sp-mono">{row.redeemedFrom ?? '–'}</span>,
  },
]

const states = [
  { value: 'issued', label: 'Live' },
  { value: 'redeemed', label: 'Redeemed' },
  { value: 'revoked', label: 'Revoked' },
  { value: 'expired', label: 'Expired' },
]
const cleared = { state: '', projectId: '', contextId: '', issuerId: '', replayed: '', secret: '' }

/** The version of a secret whose value is followed, as a filter's choice. */
function secretOf(value = '') {
  const place = readSecretAt(value)
  return place && { value, label: `${place.name}, version ${place.version}`, ...place }
}

export function Component() {
  const [{ limit: _, cursor: __, ...filters }, setFilters] = useQueryState('leases.list')
  const [revoking, setRevoking] = useState(false)
  const me = useQuery(query('me.view', {}))
  const list = useInfiniteQuery(pages('leases.list', filters))
  const live = useQuery(query('leases.live', {})).data
  const issuers = useQuery(query('issuers.list', { limit: 200 })).data?.items ?? []
  const secret = secretOf(filters.secret)
  const chosen = Object.values(filters).filter((value) => value !== undefined).length
  return (
    <Page
      title="Leases"
      purpose="What pipeline runs were given: each short-lived, redeemed once, from where it was given to."
      aside={live && <Live {...live} />}
      action={
        <AllowedAction
          danger
          allowed={me.data?.may.map(({ permission }) => permission) ?? []}
          may="lease:revoke"
          onClick={() => setRevoking(true)}
        >
          Revoke leases
        </AllowedAction>
      }
      fill
    >
      <FilterBar
        filters={[
          { key: 'state', label: 'State', options: states },
          findFilter('project', 'projectId', 'Project'),
          findFilter('context', 'contextId', 'Context'),
          {
            key: 'issuerId',
            label: 'Issuer',
            options: issuers.map(({ id, name }) => ({ value: id, label: name })),
          },
          { key: 'replayed', label: 'Shown', options: [{ value: 'true', label: 'twice' }] },
          ...(secret ? [{ key: 'secret', label: 'Were given', options: [secret] }] : []),
        ]}
        value={filters}
        onChange={setFilters}
      />
      {secret && (
        <p role="note">
          Every run that was given the value of {secret.label}, also by another context or another
          version that has it. Whoever redeemed while it was replaced counts.
        </p>
      )}
      <ProblemNotice error={list.error} />
      <DataTable
        label="Leases"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.lease(row.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          secret && chosen === 1 ? (
            <Empty title="No run was given it">Nobody has {secret.label} from here.</Empty>
          ) : chosen > 0 ? (
            <NoResults noun="leases" onClear={() => setFilters(cleared)} />
          ) : (
            <Empty title="No lease yet">
              A run gets one when it trades its CI’s token for a context. Contexts show the job’s
              lines under “Use it”.
            </Empty>
          )
        }
      />
      {revoking && (
        <Suspense>
          <RevokeLeases
            of={{
              projectId: filters.projectId,
              contextId: filters.contextId ?? secret?.contextId,
              issuerId: filters.issuerId,
            }}
            onClose={() => setRevoking(false)}
          />
        </Suspense>
      )}
    </Page>
  )
}

interface LiveProps {
  readonly leases: number
  readonly shownTwice: number
}

function Live({ leases, shownTwice }: LiveProps) {
  return (
    <>
      <span className="sp-dim sp-num">{num(leases)} live</span>
      {shownTwice > 0 && (
        <Link to={paths.leases({ replayed: true })}>
          <Status is="critical">{num(shownTwice)} shown twice</Status>
        </Link>
      )}
    </>
  )
}
