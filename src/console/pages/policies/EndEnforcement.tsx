import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import type { PolicyDetail } from '../../../contract/policies.ts'
import { evaluateDays } from '../../../contract/policy-limits.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { useAskedOfPage } from '../../parts/use-asked-of-page.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { toast } from '../../ui/toasts.ts'
import { EvaluateDays } from './EvaluateDays.tsx'

type Mode = 'draft' | 'evaluate'

/** One person suffices to take a policy out of force: what it broke must not wait for a second one. */
export function EndEnforcement({ policy }: { policy: PolicyDetail }) {
  const [params] = useSearchParams()
  const [opened, setOpened] = useState(false)
  const [mode, setMode] = useState<Mode>('evaluate')
  const [reason, setReason] = useState('')
  const [days, setDays] = useState<number>(evaluateDays.usual)
  const end = useChange('policies.endEnforcement')
  // A finding's fix asks at once, with the mode and the reason that it gives.
  useAskedOfPage(params.get('end'), policy.allowed.includes('policy:enforce'), (to) => {
    setMode(to === 'draft' ? 'draft' : 'evaluate')
    setReason(params.get('reason') ?? '')
    setOpened(true)
  })
  const confirm = () =>
    end.mutate(
      {
        input: {
          policyId: policy.id,
          mode,
          reason,
          ...(mode === 'evaluate' && { evaluateDays: days }),
        },
        version: policy.version,
      },
      {
        onSuccess: () => {
          setOpened(false)
          toast(`${policy.name} is not enforced any more.`)
        },
      },
    )
  return (
    <Panel title="End enforcement">
      <p>What it forbids is permitted again at once. To enforce it anew takes two people.</p>
      <AllowedAction
        danger
        allowed={policy.allowed}
        may="policy:enforce"
        onClick={() => setOpened(true)}
      >
        End enforcement
      </AllowedAction>
      <ConfirmDanger
        title={`End enforcement of ${policy.name}`}
        opened={opened}
        onClose={() => setOpened(false)}
        onConfirm={confirm}
        verb="End enforcement"
        busy={end.isPending}
        errors={formErrors(end.error)}
        blocked={
          policy.denials > 0 && reason.trim() === ''
            ? `It denied ${policy.denials} in seven days, which is permitted then: say why.`
            : undefined
        }
      >
        <SegmentedControl
          aria-label="Its mode afterwards"
          data={[
            { value: 'evaluate', label: 'Evaluate it still' },
            { value: 'draft', label: 'Back to draft' },
          ]}
          value={mode}
          onChange={(value) => setMode(value)}
        />
        {mode === 'evaluate' && <EvaluateDays value={days} onChange={setDays} />}
        <ProseField label="Reason" value={reason} onChange={setReason} />
      </ConfirmDanger>
    </Panel>
  )
}
