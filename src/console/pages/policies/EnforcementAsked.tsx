import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import type { PolicyDetail } from '../../../contract/policies.ts'
import { useChange } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { isOpen, pollReplay } from '../../parts/replay-state.ts'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'
import { ProseField } from '../../ui/ProseField.tsx'

const ReplayResult = lazy(() =>
  import('../../parts/ReplayResult.tsx').then((module) => ({ default: module.ReplayResult })),
)

/** What waits for a second person: what exactly that version would change, and the verdict on it. */
export function EnforcementAsked({ policy }: { policy: PolicyDetail }) {
  const approve = useChange('policies.approveEnforcement')
  const decline = useChange('policies.declineEnforcement')
  const withdraw = useChange('policies.withdraw')
  const again = useChange('policies.replayAsked')
  const { asked } = policy
  const [reason, setReason] = useState('')
  const replay = useQuery({
    ...pollReplay(asked?.replayId ?? ''),
    enabled: asked?.replayId !== null,
  })
  if (!asked) return null
  const on = { input: { policyId: policy.id }, version: policy.version }
  const opens = replay.data?.newlyPermitted ? replay.data.newlyPermitted : 0
  const unsaid = opens > 0 && !asked.reason.trim() && !reason.trim()
  const busy = approve.isPending || decline.isPending || withdraw.isPending
  const may = { allowed: policy.allowed, may: 'policy:enforce', loading: busy } as const
  return (
    <>
      <p>
        <PersonLink person={asked.by} /> asked <Time at={asked.at} /> that version {asked.version}{' '}
        be enforced{asked.reason ? `: ${asked.reason}` : '.'}
      </p>
      <h3>What it would change</h3>
      {asked.replayId ? (
        <Suspense fallback={<Skeletons lines={4} />}>
          <ReplayResult replayId={asked.replayId} />
        </Suspense>
      ) : (
        <p>It was not worked out what version {asked.version} would change.</p>
      )}
      {(!asked.replayId || (replay.data && !isOpen(replay.data.state))) && (
        <AllowedAction
          allowed={policy.allowed}
          may="policy:enforce"
          loading={again.isPending}
          onClick={() => again.mutate({ input: { policyId: policy.id } })}
        >
          Work it out {asked.replayId ? 'again' : 'now'}
        </AllowedAction>
      )}
      {opens > 0 && !asked.mine && (
        <ProseField
          label="Why it is opened"
          description={
            asked.reason
              ? 'It newly permits what is denied now; a reason was given already.'
              : 'It newly permits what is denied now. The audit trail keeps the reason.'
          }
          value={reason}
          onChange={setReason}
        />
      )}
      <ProblemNotice error={approve.error ?? decline.error ?? withdraw.error ?? again.error} />
      <Group mt="sm">
        <AllowedAction
          {...may}
          primary
          blocked={
            asked.mine
              ? 'You asked for it: another person must approve.'
              : replay.data && isOpen(replay.data.state)
                ? 'What it would change is being worked out.'
                : unsaid
                  ? 'It newly permits something: say why.'
                  : undefined
          }
          onClick={() =>
            approve.mutate(
              { ...on, input: { ...on.input, reason } },
              {
                onSuccess: () => toast(`Version ${asked.version} is enforced from now on.`),
              },
            )
          }
        >
          Approve enforcement
        </AllowedAction>
        {asked.mine ? (
          <AllowedAction
            {...may}
            onClick={() => withdraw.mutate(on, { onSuccess: () => toast('Withdrawn.') })}
          >
            Withdraw
          </AllowedAction>
        ) : (
          <AllowedAction
            {...may}
            onClick={() => decline.mutate(on, { onSuccess: () => toast('Declined.') })}
          >
            Decline
          </AllowedAction>
        )}
      </Group>
    </>
  )
}
