import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { Link } from 'react-router'
import type { PolicyDetail, PolicyVersion } from '../../../contract/policies.ts'
import { pages, query, useChange } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'
import { usePolicyHere } from './use-policy.ts'

const Difference = lazy(() => import('./PolicyDiff.tsx').then((m) => ({ default: m.PolicyDiff })))

export function Component() {
  const policy = usePolicyHere()
  const [{ from, until }] = useQueryState('policies.compare')
  const list = useInfiniteQuery(pages('policies.versions', { policyId: policy.id }))
  const rollback = useChange('policies.rollback')
  const back = (to: number) =>
    rollback.mutate(
      { input: { policyId: policy.id, to }, version: policy.version },
      {
        onSuccess: (now) => toast(`Version ${now.currentVersion} says what version ${to} said.`),
      },
    )
  return (
    <>
      <ProblemNotice error={list.error ?? rollback.error} />
      {from !== undefined && until !== undefined && (
        <Compared policyId={policy.id} from={from} until={until} />
      )}
      <DataTable
        label="Versions"
        columns={columnsFor(policy, rollback.isPending, back)}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => String(row.number)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={null}
      />
    </>
  )
}

const columnsFor = (
  policy: PolicyDetail,
  busy: boolean,
  back: (to: number) => void,
): Column<PolicyVersion>[] => [
  { key: 'number', title: 'Version', width: '90px', cell: (row) => row.number },
  {
    key: 'state',
    title: 'State',
    width: '190px',
    keep: true,
    cell: (row) => (
      <>
        {row.inForce && (
          <Status is={policy.mode === 'enforce' ? 'permitted' : 'would'}>In force</Status>
        )}{' '}
        {row.current && <Status is="plain">Newest</Status>}
      </>
    ),
  },
  { key: 'summary', title: 'What changed', cell: (row) => row.summary || '–' },
  { key: 'by', title: 'By', width: '150px', cell: (row) => <PersonLink person={row.author} /> },
  { key: 'at', title: 'Written', width: '130px', cell: (row) => <Time at={row.createdAt} /> },
  {
    key: 'compare',
    title: 'Compare',
    width: '130px',
    keep: true,
    cell: (row) =>
      row.number > 1 && (
        <Link to={paths.policy(policy.id, 'versions', { from: row.number - 1, until: row.number })}>
          {row.number - 1} → {row.number}
        </Link>
      ),
  },
  {
    key: 'action',
    title: 'Action',
    width: '130px',
    keep: true,
    cell: (row) =>
      !row.current && (
        <AllowedAction
          allowed={policy.allowed}
          may="policy:update"
          loading={busy}
          onClick={() => back(row.number)}
        >
          Roll back
        </AllowedAction>
      ),
  },
]

function Compared({ policyId, from, until }: { policyId: string; from: number; until: number }) {
  const { data, error } = useQuery(query('policies.compare', { policyId, from, until }))
  return (
    <Panel
      title={`From version ${from} to version ${until}`}
      aside={<Link to={paths.policy(policyId, 'versions')}>Close the comparison</Link>}
    >
      <ProblemNotice error={error} />
      {data && (
        <Suspense fallback={<Skeletons lines={6} />}>
          <Difference
            label={`What differs from version ${from} to ${until}`}
            before={data.from.text}
            after={data.until.text}
          />
        </Suspense>
      )}
    </Panel>
  )
}
