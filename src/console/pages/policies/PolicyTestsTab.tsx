import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import type { PolicyTest, TestVerdict } from '../../../contract/policy-tests.ts'
import type { Permission } from '../../../contract/permissions.ts'
import { query, useChange } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'
import { usePolicyHere } from './use-policy.ts'

const PolicyTestForm = lazy(() =>
  import('./PolicyTestForm.tsx').then((module) => ({ default: module.PolicyTestForm })),
)

type Row = PolicyTest & { readonly told: TestVerdict | undefined }

const expects = {
  denied: <Status is="denied">Denied</Status>,
  permitted: <Status is="permitted">Permitted</Status>,
}

const columnsWith = (
  allowed: readonly Permission[],
  remove: (test: PolicyTest) => void,
): Column<Row>[] => [
  { key: 'name', title: 'Test', cell: (row) => <span title={row.name}>{row.name}</span> },
  { key: 'expected', title: 'Must be', width: '120px', cell: (row) => expects[row.expected] },
  {
    key: 'told',
    title: 'Newest version',
    width: '200px',
    keep: true,
    cell: ({ told }) =>
      told &&
      (told.passes ? (
        <Status is="good">Passes</Status>
      ) : (
        <Status is="denied">Fails: {told.verdict === 'error' ? 'an error' : told.verdict}</Status>
      )),
  },
  {
    key: 'from',
    title: 'Made of',
    width: '150px',
    cell: (row) =>
      row.decisionId ? (
        <ObjectLink kind="decision" id={row.decisionId} name="A decision" />
      ) : (
        'Facts'
      ),
  },
  { key: 'left', title: 'Left out', optional: true, cell: (row) => row.leftOut.join(', ') || '–' },
  { key: 'at', title: 'Added', width: '120px', cell: (row) => <Time at={row.createdAt} /> },
  {
    key: 'action',
    title: 'Action',
    width: '110px',
    keep: true,
    cell: (row) => (
      <AllowedAction allowed={allowed} may="policy:update" onClick={() => remove(row)}>
        Remove
      </AllowedAction>
    ),
  },
]

/** Facts and what the policy must say to them; whatever fails here keeps it from leaving draft and from being enforced. */
export function Component() {
  const policy = usePolicyHere()
  const [shown, setShown] = useState<PolicyTest | 'new'>()
  const list = useQuery(query('policyTests.list', { policyId: policy.id }))
  const remove = useChange('policyTests.remove')
  const rows = list.data?.items.map((test) => ({
    ...test,
    told: list.data.verdicts.find(({ testId }) => testId === test.id),
  }))
  const add = (
    <AllowedAction
      primary
      allowed={policy.allowed}
      may="policy:update"
      onClick={() => setShown('new')}
    >
      Add test
    </AllowedAction>
  )
  return (
    <>
      <p>
        They run on every edit. A version that fails one can be written, and stays out of force. A
        decision becomes a test on its own page, or on a row of a replay.
      </p>
      <ProblemNotice error={list.error ?? remove.error} />
      <DataTable
        label="Tests"
        columns={columnsWith(policy.allowed, ({ id, name, version }) =>
          remove.mutate(
            { input: { policyId: policy.id, testId: id }, version },
            { onSuccess: () => toast(`Test “${name}” is removed.`) },
          ),
        )}
        rows={rows}
        rowKey={(row) => row.id}
        onOpen={setShown}
        tools={add}
        empty={
          <Empty title="No tests yet" action={add}>
            Say what the policy must forbid and what it must let through, or make a recorded
            decision a test.
          </Empty>
        }
      />
      {shown && (
        <Suspense>
          <PolicyTestForm
            policy={policy}
            test={shown === 'new' ? undefined : shown}
            onClose={() => setShown(undefined)}
          />
        </Suspense>
      )}
    </>
  )
}
