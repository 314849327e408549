import { Group, NativeSelect } from '@mantine/core'
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
import { EndEnforcement } from './EndEnforcement.tsx'
import { EnforcementAsked } from './EnforcementAsked.tsx'
import { ModeSteps } from './ModeSteps.tsx'
import { usePolicyHere } from './use-policy.ts'

export function Component() {
  const policy = usePolicyHere()
  return (
    <>
      <ModeSteps policy={policy} />
      <Evaluate policy={policy} />
      <Panel title="Enforcement by two people">
        {policy.asked ? <EnforcementAsked policy={policy} /> : <Ask policy={policy} />}
      </Panel>
      {policy.mode === 'enforce' && <EndEnforcement policy={policy} />}
      <Past policyId={policy.id} />
    </>
  )
}

const numbers = (newest: number) =>
  Array.from({ length: newest }, (_, at) => String(newest - at)).map((number) => ({
    value: number,
    label: number === String(newest) ? `Version ${number}, the newest` : `Version ${number}`,
  }))

function Evaluate({ policy }: { policy: PolicyDetail }) {
  const change = useChange('policies.setMode')
  const [chosen, setChosen] = useState<string | null>(null)
  const number = Number(chosen ?? policy.currentVersion)
  if (policy.mode === 'enforce') return null
  const set = (mode: 'draft' | 'evaluate') =>
    change.mutate(
      {
        input: {
          policyId: policy.id,
          mode,
          ...(mode === 'evaluate' && { policyVersion: number }),
        },
        version: policy.version,
      },
      {
        onSuccess: () =>
          toast(
            mode === 'evaluate'
              ? `Version ${number} is evaluated from now on, and denies nothing.`
              : 'It is a draft again: nothing asks it.',
          ),
      },
    )
  const here = policy.mode === 'evaluate' && policy.versionInForce === number
  return (
    <Panel title="Try it in evaluate mode">
      <p>Every decision asks it and records what it would have denied. Nothing is refused.</p>
      <ProblemNotice error={change.error} />
      <Group align="end" mt="sm">
        <NativeSelect
          label="Version"
          data={numbers(policy.currentVersion)}
          value={String(number)}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
        <AllowedAction
          primary={!here}
          allowed={policy.allowed}
          may="policy:update"
          loading={change.isPending}
          blocked={here ? `Version ${number} is evaluated already.` : undefined}
          onClick={() => set('evaluate')}
        >
          Evaluate version {number}
        </AllowedAction>
        {policy.mode === 'evaluate' && (
          <AllowedAction
            allowed={policy.allowed}
            may="policy:update"
            loading={change.isPending}
            blocked={
              policy.asked ? 'Enforcement is asked for. Withdraw or decline that first.' : undefined
            }
            onClick={() => set('draft')}
          >
            Back to draft
          </AllowedAction>
        )}
      </Group>
    </Panel>
  )
}

function Ask({ policy }: { policy: PolicyDetail }) {
  const ask = useChange('policies.askEnforcement')
  // A finding's fix leads here with the reason that it gives.
  const [params] = useSearchParams()
  const [reason, setReason] = useState(params.get('reason') ?? '')
  const [chosen, setChosen] = useState<string | null>(null)
  const number = Number(
    chosen ?? (policy.mode === 'evaluate' ? policy.versionInForce : null) ?? policy.currentVersion,
  )
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
      <ProblemNotice error={ask.error} />
      <Group align="end" mt="sm">
        <NativeSelect
          label="Version"
          data={numbers(policy.currentVersion)}
          value={String(number)}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
        <ProseField label="Reason" value={reason} onChange={setReason} />
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
