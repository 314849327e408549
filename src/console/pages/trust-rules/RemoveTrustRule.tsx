import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import type { TrustRule } from '../../../contract/trust-rules.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { paths } from '../../paths.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { count } from '../../ui/format.ts'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'

/** Removes a rule, saying which runs are refused from then on. */
export function RemoveTrustRule({ rule }: { readonly rule: TrustRule }) {
  const navigate = useNavigate()
  const [asked, setAsked] = useState(false)
  const impact = useQuery({
    ...query('trustRules.uses', { trustRuleId: rule.id }),
    enabled: asked,
  }).data
  const remove = useChange('trustRules.remove')
  const confirm = () =>
    remove.mutate(
      { input: { trustRuleId: rule.id }, version: rule.version },
      {
        onSuccess: () => {
          toast(`Rule ${rule.name} is removed.`)
          void navigate(paths.trustRules())
        },
      },
    )
  return (
    <>
      <p>Runs that only it admits are refused from then on.</p>
      <AllowedAction
        danger
        allowed={rule.allowed}
        may="trustRule:delete"
        onClick={() => setAsked(true)}
      >
        Remove trust rule
      </AllowedAction>
      <ConfirmDanger
        title={`Remove ${rule.name}`}
        name={rule.name}
        opened={asked}
        onClose={() => setAsked(false)}
        onConfirm={confirm}
        verb="Remove trust rule"
        busy={remove.isPending}
        errors={formErrors(remove.error)}
      >
        {impact && (
          <>
            <p>
              {impact.leases === 0
                ? 'It admitted no run in the last 30 days.'
                : `It gave ${count(impact.leases, 'lease')} to ${count(impact.runs, 'run')} of ${rule.project.name} in the last 30 days, the last of them `}
              {impact.leases > 0 && <Time at={impact.lastLeaseAt} />}
              {impact.leases > 0 && '.'}
            </p>
            <p>
              {impact.others.length === 0
                ? `It is the only rule of ${rule.project.name}: every run of it is refused from then on.`
                : `${count(impact.others.length, 'other rule')} of ${rule.project.name} stay: ${impact.others
                    .map(({ name }) => name)
                    .join(', ')}.`}
            </p>
          </>
        )}
      </ConfirmDanger>
    </>
  )
}
