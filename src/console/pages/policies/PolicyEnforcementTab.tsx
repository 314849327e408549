import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import type { PolicyApproval, PolicyDetail } from '../../../contract/policies.ts'
import { query, useChange } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'
import { Denials } from './Denials.tsx'
import { EndEnforcement } from './EndEnforcement.tsx'
import { EnforcementAsked } from './EnforcementAsked.tsx'
import { EvaluatePolicy } from './EvaluatePolicy.tsx'
import { ModeSteps } from './ModeSteps.tsx'
import { usePolicyHere } from './use-policy.ts'
import { VersionField } from './VersionField.tsx'

export function Component() {
  const policy = usePolicyHere()
  return (
    <>
      <ModeSteps policy={policy} />
      <EvaluatePolicy policy={policy} />
      <Panel title="Enforcement by two people">
        {policy.asked ? <EnforcementAsked policy={policy} /> : <Ask policy={policy} />}
      </Panel>
      {policy.mode === 'enforce' && <EndEnforcement policy={policy} />}
      <Past policyId={policy.id} />
    </>
  )
}

function Ask({ policy }: { policy: PolicyDetail }) {
  const ask = useChange('policies.askEnforcement')
  // A finding's fix leads here with the reason that it gives.
  const [params] = useSearchParams()
  const [reason, setReason] = useState(params.get('reason') ?? '')
  const [chosen, setChosen] = useState<number | null>(null)
  const number =
    chosen ?? (policy.mode === 'evaluate' ? policy.versionInForce : null) ?? policy.currentVersion
  const blocked =
    policy.mode === 'draft'
      ? 'Put it into evaluate mode first, and see what it would deny.'
      : policy.mode === 'enforce' && policy.versionInForce === number
        ? `Version ${number} is enforced already.`
        : undefined
  const send = () =>
    ask.mutate(
      {
        input: { policyId: policy.id, policyVersion: number, reason },
        version: policy.version,
      },
      { onSuccess: () => toast('Asked. Somebody else with policy:enforce must approve it.') },
    )
  return (
    <>
      <p>One person asks, another approves. What would lock every administrator out is refused.</p>
      {policy.mode === 'evaluate' && (
        <p>
          As it is tried, it would have denied{' '}
          <Denials of={policy.wouldDenials} policy={policy.id} policyMode="evaluate" /> in seven
          days. What exactly the version would change is worked out when it is asked for.
        </p>
      )}
      <ProblemNotice error={ask.error} />
      <Group align="end" mt="sm">
        <VersionField newest={policy.currentVersion} value={number} onChange={setChosen} />
        <ProseField label="Reason" flex="1 1 260px" maw={560} value={reason} onChange={setReason} />
        <AllowedAction
          allowed={policy.allowed}
          may="policy:enforce"
          blocked={blocked}
          loading={ask.isPending}
          onClick={send}
        >
          Ask for enforcement
        </AllowedAction>
      </Group>
    </>
  )
}

const verdicts = {
  approved: <Status is="permitted">Approved</Status>,
  declined: <Status is="denied">Declined</Status>,
  withdrawn: <Status is="plain">Withdrawn</Status>,
}

const columns: Column<PolicyApproval>[] = [
  { key: 'version', title: 'Version', width: '90px', cell: (row) => row.version },
  {
    key: 'by',
    title: 'Asked by',
    width: '160px',
    cell: (row) => <PersonLink person={row.askedBy} />,
  },
  { key: 'at', title: 'Asked', width: '130px', cell: (row) => <Time at={row.askedAt} /> },
  { key: 'reason', title: 'Reason', cell: (row) => row.reason || '–' },
  {
    key: 'verdict',
    title: 'Verdict',
    width: '140px',
    keep: true,
    cell: (row) => (row.verdict ? verdicts[row.verdict] : <Status is="unknown">Open</Status>),
  },
  {
    key: 'decided',
    title: 'Decided by',
    width: '160px',
    keep: true,
    cell: (row) => row.decidedBy && <PersonLink person={row.decidedBy} />,
  },
]

function Past({ policyId }: { policyId: string }) {
  const list = useQuery(query('policies.approvals', { policyId }))
  if (list.data?.items.length === 0) return null
  return (
    <Panel title="Who asked, and who decided" flush>
      <ProblemNotice error={list.error} />
      <DataTable
        label="Requests for enforcement"
        columns={columns}
        rows={list.data?.items}
        rowKey={(row) => row.id}
        empty={null}
      />
    </Panel>
  )
}
