import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { useSearchParams } from 'react-router'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { exact } from '../../ui/format.ts'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { usePolicyHere } from './use-policy.ts'

const PolicyReplayForm = lazy(() =>
  import('./PolicyReplayForm.tsx').then((module) => ({ default: module.PolicyReplayForm })),
)
const ReplayResult = lazy(() =>
  import('../../parts/ReplayResult.tsx').then((module) => ({ default: module.ReplayResult })),
)

/** A version of the policy against real decisions: newest replay first, another with one click. */
export function Component() {
  const policy = usePolicyHere()
  const [params, setParams] = useSearchParams()
  const list = useQuery(query('replays.list', { policyId: policy.id, limit: 20 }))
  const shown = params.get('replay') ?? list.data?.items[0]?.id
  return (
    <>
      <Suspense fallback={<Skeletons lines={3} />}>
        <PolicyReplayForm policy={policy} onBegun={(replay) => setParams({ replay })} />
      </Suspense>
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
        <Suspense fallback={<Skeletons lines={8} />}>
          <ReplayResult key={shown} replayId={shown} />
        </Suspense>
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
