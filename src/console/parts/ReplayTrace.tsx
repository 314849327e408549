import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { ReplayDetail } from '../../contract/replays.ts'
import { query } from '../api/client.ts'
import { paths } from '../paths.ts'
import { Skeletons } from '../ui/Skeletons.tsx'
import { DecisionTrace } from './DecisionTrace.tsx'
import { MakeTest } from './MakeTest.tsx'
import { ProblemNotice } from './ProblemNotice.tsx'
import classes from './ReplayTrace.module.css'

/** How one decision is made now and how the replayed set would make it, side by side; it can become a test. */
export function ReplayTrace(props: { replay: ReplayDetail; decisionId: string }) {
  const { replay, decisionId } = props
  const { data, error } = useQuery(query('replays.trace', { replayId: replay.id, decisionId }))
  if (!data) return error ? <ProblemNotice error={error} /> : <Skeletons lines={8} />
  const policies = replay.changes.flatMap(({ policyId, name }) =>
    policyId ? [{ id: policyId, name }] : [],
  )
  return (
    <div className={classes.traces}>
      <p>
        {data.sentence} <Link to={paths.decision(decisionId)}>Open the decision</Link>
      </p>
      <section aria-label="Make it a test">
        <h3>Make it a test</h3>
        <MakeTest decisionId={decisionId} policies={policies} />
      </section>
      <div className={classes.beside}>
        <section aria-label="As it is enforced">
          <h3>As it is enforced</h3>
          <DecisionTrace layers={data.before} />
        </section>
        <section aria-label="With the set">
          <h3>With the set</h3>
          <DecisionTrace layers={data.after} />
        </section>
      </div>
    </div>
  )
}
