import { Group, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import type { PolicyDetail } from '../../../contract/policies.ts'
import { useChange } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { PickOne } from '../../parts/PickOne.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Panel } from '../../ui/Panel.tsx'

const days = ['7', '30', '90'].map((value) => ({ value, label: `${value} days` }))

/** Which version is asked about which real decisions. */
export function PolicyReplayForm(props: {
  policy: PolicyDetail
  onBegun: (replayId: string) => void
}) {
  const { policy, onBegun } = props
  const replay = useChange('replays.create')
  const [number, setNumber] = useState(String(policy.currentVersion))
  const [span, setSpan] = useState('30')
  const [projectId, setProject] = useState<string | null>(null)
  const [contextId, setContext] = useState<string | null>(null)
  const [runs, setRuns] = useState('')
  const begin = () =>
    replay.mutate(
      {
        input: {
          changes: [{ policyId: policy.id, policyVersion: Number(number) }],
          days: Number(span),
          ...(projectId && { projectId }),
          ...(contextId && { contextId }),
          ...(runs === 'runs' && { action: 'context:use' as const }),
        },
      },
      { onSuccess: ({ id }) => onBegun(id) },
    )
  const versions = Array.from({ length: policy.currentVersion }, (_, at) =>
    String(policy.currentVersion - at),
  )
  return (
    <Panel title="Ask a version about real decisions">
      <ProblemNotice error={replay.error} />
      <Group align="end">
        <NativeSelect
          label="Version"
          data={versions.map((value) => ({ value, label: `Version ${value}` }))}
          value={number}
          onChange={(event) => setNumber(event.currentTarget.value)}
        />
        <NativeSelect
          label="Decisions of the last"
          data={days}
          value={span}
          onChange={(event) => setSpan(event.currentTarget.value)}
        />
        <NativeSelect
          label="Which"
          data={[
            { value: '', label: 'All' },
            { value: 'runs', label: 'Pipeline runs only' },
          ]}
          value={runs}
          onChange={(event) => setRuns(event.currentTarget.value)}
        />
        <PickOne
          kind="project"
          label="Project"
          placeholder="Any"
          clearable
          clearButtonProps={{ 'aria-label': 'Any project' }}
          value={projectId}
          onChange={setProject}
        />
        <PickOne
          kind="context"
          label="Context"
          placeholder="Any"
          clearable
          clearButtonProps={{ 'aria-label': 'Any context' }}
          value={contextId}
          onChange={setContext}
        />
        <AllowedAction
          primary
          allowed={policy.allowed}
          may="policy:update"
          loading={replay.isPending}
          onClick={begin}
        >
          Replay
        </AllowedAction>
      </Group>
    </Panel>
  )
}
