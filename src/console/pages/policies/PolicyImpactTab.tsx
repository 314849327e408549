import { Group, NativeSelect, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import type { PolicyDetail } from '../../../contract/policies.ts'
import { query, useChange } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { ReplayResult } from '../../parts/ReplayResult.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { exact } from '../../ui/format.ts'
import { usePolicyHere } from './use-policy.ts'

const days = ['7', '30', '90'].map((value) => ({ value, label: `${value} days` }))

/** A version of the policy against real decisions: newest replay first, another with one click. */
export function Component() {
  const policy = usePolicyHere()
  const [params, setParams] = useSearchParams()
  const list = useQuery(query('replays.list', { policyId: policy.id, limit: 20 }))
  const shown = params.get('replay') ?? list.data?.items[0]?.id
  return (
    <>
      <Ask policy={policy} onBegun={(replay) => setParams({ replay })} />
      <ProblemNotice error={list.error} />
      {list.data && list.data.items.length > 1 && (
        <NativeSelect
          label="Replay"
          data={list.data.items.map(({ id, createdAt, changes }) => {
            const version = changes.find(({ policyId }) => policyId === policy.id)?.policyVersion
            const what = version ? `version ${version}` : 'a text that was not written'
            return { value: id, label: `${exact(new Date(createdAt))}, ${what}` }
          })}
          value={shown ?? ''}
          onChange={(event) => setParams({ replay: event.currentTarget.value })}
        />
      )}
      {shown ? (
        <ReplayResult key={shown} replayId={shown} />
      ) : (
        list.data && (
          <Empty title="Nothing was replayed yet">
            Ask what a version would have changed in what was really decided.
          </Empty>
        )
      )}
    </>
  )
}

function Ask(props: { policy: PolicyDetail; onBegun: (replayId: string) => void }) {
  const { policy, onBegun } = props
  const options = useQuery(query('contexts.options', {})).data
  const contexts = useQuery(query('contexts.list', { limit: 200 })).data
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
  const choices = (all: readonly { id: string; name: string }[] | undefined) =>
    (all ?? []).map(({ id, name }) => ({ value: id, label: name }))
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
        <Select
          label="Project"
          placeholder="Any"
          clearable
          searchable
          clearButtonProps={{ 'aria-label': 'Any project' }}
          data={choices(options?.projects)}
          value={projectId}
          onChange={setProject}
        />
        <Select
          label="Context"
          placeholder="Any"
          clearable
          searchable
          clearButtonProps={{ 'aria-label': 'Any context' }}
          data={choices(contexts?.items)}
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
