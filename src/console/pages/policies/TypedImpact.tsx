import { Button } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { useChange } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'

const ReplayResult = lazy(() =>
  import('../../parts/ReplayResult.tsx').then((module) => ({ default: module.ReplayResult })),
)

/** What is typed, written or not, against the real decisions of the last thirty days. */
export function TypedImpact({ policyId, text }: { policyId: string; text: string }) {
  const replay = useChange('replays.create')
  const begin = () => replay.mutate({ input: { changes: [{ policyId, text }] } })
  return (
    <Panel
      title="What it would change"
      aside={
        <Button size="xs" loading={replay.isPending} onClick={begin}>
          Replay 30 days
        </Button>
      }
    >
      <ProblemNotice error={replay.error} />
      {replay.data ? (
        <Suspense fallback={<Skeletons lines={4} />}>
          <ReplayResult replayId={replay.data.id} />
        </Suspense>
      ) : (
        <p className="sp-dim">
          The text above, written or not, is asked about every decision of the last 30 days, as if
          it were enforced.
        </p>
      )}
    </Panel>
  )
}
