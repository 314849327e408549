import { Group } from '@mantine/core'
import { useState } from 'react'
import type { PolicyDetail } from '../../../contract/policies.ts'
import { evaluateDays } from '../../../contract/policy-limits.ts'
import { useChange } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { toast } from '../../ui/toasts.ts'
import { EvaluateDays } from './EvaluateDays.tsx'
import { TriedUntil } from './TriedUntil.tsx'
import { VersionField } from './VersionField.tsx'

/** Tries a version until a date, or for longer, with the reason; or not any more. */
export function EvaluatePolicy({ policy }: { policy: PolicyDetail }) {
  const change = useChange('policies.setMode')
  const [chosen, setChosen] = useState<number | null>(null)
  const [days, setDays] = useState<number>(evaluateDays.usual)
  const [reason, setReason] = useState('')
  const tried = policy.mode === 'evaluate' ? policy.versionInForce : null
  const number = chosen ?? policy.currentVersion
  if (policy.mode === 'enforce') return null
  const here = tried === number
  const set = (mode: 'draft' | 'evaluate') =>
    change.mutate(
      {
        input: {
          policyId: policy.id,
          mode,
          ...(mode === 'evaluate' && { policyVersion: number, evaluateDays: days }),
          ...(mode === 'evaluate' && here && { reason }),
        },
        version: policy.version,
      },
      {
        onSuccess: () => {
          setReason('')
          toast(
            mode === 'draft'
              ? 'It is a draft again: nothing asks it.'
              : `Version ${number} is evaluated for ${days} days from now, and denies nothing.`,
          )
        },
      },
    )
  return (
    <Panel title="Try it in evaluate mode">
      <p>Every decision asks it and records what it would have denied. Nothing is refused.</p>
      {tried !== null && (
        <p>
          Version {tried} is tried until: <TriedUntil policy={policy} />. Then it is enforced,
          changed, or somebody says why it is tried on.
        </p>
      )}
      <ProblemNotice error={change.error} />
      <Group align="end" mt="sm">
        <VersionField newest={policy.currentVersion} value={number} onChange={setChosen} />
        <EvaluateDays value={days} onChange={setDays} />
        {here && (
          <ProseField
            label="Why it is tried on"
            flex="1 1 260px"
            maw={560}
            value={reason}
            onChange={setReason}
          />
        )}
        <AllowedAction
          primary={!here}
          allowed={policy.allowed}
          may="policy:update"
          loading={change.isPending}
          blocked={here && reason.trim() === '' ? 'Say why it is tried on.' : undefined}
          onClick={() => set('evaluate')}
        >
          {here ? `Try version ${number} on` : `Evaluate version ${number}`}
        </AllowedAction>
        {tried !== null && (
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
