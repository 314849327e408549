import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { Link, useParams, type LoaderFunctionArgs } from 'react-router'
import type { DecisionDetail } from '../../../contract/decisions.ts'
import { query } from '../../api/client.ts'
import { DecisionTrace } from '../../parts/DecisionTrace.tsx'
import { failedOf } from '../../parts/layers.ts'
import { ModeBadge } from '../../parts/ModeBadge.tsx'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { OutcomeBadge } from '../../parts/OutcomeBadge.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Refusal } from '../../parts/Refusal.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { Copyable } from '../../ui/Copyable.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'
import { useMay } from '../../parts/use-may.ts'

const MakeTest = lazy(() =>
  import('../../parts/MakeTest.tsx').then((module) => ({ default: module.MakeTest })),
)

const AskException = lazy(() =>
  import('./AskException.tsx').then((module) => ({ default: module.AskException })),
)

/** Restrictions alone refused a run whose branch or tag is known: of more than that nobody can make an exception. */
const mayBeLifted = ({ action, outcome, layers, facts, project, context }: DecisionDetail) =>
  action === 'context:use' &&
  outcome === 'denied' &&
  project !== null &&
  context !== null &&
  failedOf(layers).every(({ layer, verdict }) => layer === 'restriction' && verdict === 'denied') &&
  (typeof facts['branch'] === 'string') !== (typeof facts['tag'] === 'string') &&
  facts['fromFork'] !== true &&
  facts['sshRerun'] !== true

const one = (decisionId: string) => query('decisions.view', { decisionId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['decisionId'] ?? ''))
}

const titleOf = ({ action, resource }: Pick<DecisionDetail, 'action' | 'resource'>) =>
  `${action} on ${resource.name}`

export const handle = {
  crumb: (decision: DecisionDetail | undefined) => decision && titleOf(decision),
}

export function Component() {
  const { decisionId = '' } = useParams()
  const { data: decision, error } = useQuery(one(decisionId))
  const may = useMay()
  if (!decision) {
    return (
      <Page title="Decision">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={8} />}
      </Page>
    )
  }
  const { actor, resource, project, context, policies, eventId, latencyUs } = decision
  return (
    <Page
      title={titleOf(decision)}
      aside={<OutcomeBadge outcome={decision.outcome} />}
      facts={
        <Facts
          of={{
            When: <Time at={decision.at} />,
            Actor: <ObjectLink {...actor} />,
            Object: <ObjectLink {...resource} />,
            ...(project && { Project: <ObjectLink kind="project" {...project} /> }),
            ...(context && { Context: <ObjectLink kind="context" {...context} /> }),
            ...(latencyUs !== null && { Took: `${(latencyUs / 1000).toFixed(1)} ms` }),
            ...('digest' in decision.facts && {
              'Config check': <Link to={paths.check(decision.id)}>The file, by line</Link>,
            }),
            ...(eventId && {
              Evidence: <Link to={paths.auditEvent(eventId)}>Audit event</Link>,
            }),
            Decision: <Copyable text={decision.id} what="decision id" short />,
          }}
        />
      }
    >
      <p>{decision.sentence}</p>
      {failedOf(decision.layers).length > 0 && (
        <Panel
          title="What stood in the way"
          aside={context && <Link to={simulation(decision)}>Try it otherwise</Link>}
        >
          <Refusal layers={decision.layers} />
        </Panel>
      )}
      {mayBeLifted(decision) && (
        <Panel title="Have it admitted for a time">
          <Suspense fallback={<Skeletons lines={4} />}>
            <AskException decision={decision} />
          </Suspense>
        </Panel>
      )}
      <Panel title="How it was decided, layer by layer">
        <DecisionTrace layers={decision.layers} />
      </Panel>
      {policies.length > 0 && (
        <Panel title="Policies that denied, or would have">
          <ul>
            {policies.map(({ id, name, version, mode }) => (
              <li key={id}>
                {name === null ? (
                  <span className="sp-dim">a policy that was deleted since</span>
                ) : (
                  <ObjectLink kind="policy" id={id} name={name} />
                )}
                , version {version} <ModeBadge mode={mode} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {may('policy:update') && (
        <Panel title="Make it a test">
          <Suspense fallback={<Skeletons lines={2} />}>
            <MakeTest
              decisionId={decisionId}
              policies={policies.flatMap(({ id, name }) => (name === null ? [] : [{ id, name }]))}
            />
          </Suspense>
        </Panel>
      )}
      {Object.keys(decision.facts).length > 0 && (
        <Panel title="Facts it was decided on">
          <Facts of={factsOf(decision.facts)} />
        </Panel>
      )}
    </Page>
  )
}

/** Facts as people call them; what only the engine knows keeps its own name. */
const words: Readonly<Record<string, string>> = {
  ip: 'Address',
  client: 'Asked by',
  branch: 'Branch',
  tag: 'Tag',
  trigger: 'Trigger',
  fromFork: 'From a fork',
  sshRerun: 'Rerun with SSH',
  runnerClass: 'Runner class',
}

/** The same run, in the simulator: what is changed there is tried, not recorded. */
function simulation({ facts, context, project }: DecisionDetail): string {
  const names = ['branch', 'tag', 'trigger', 'environment', 'runnerClass', 'ip', 'actorLogin']
  const known = [...names, 'fromFork', 'sshRerun'].flatMap((name) => {
    const value = facts[name]
    return typeof value === 'string' || value === true ? [[name, value] as const] : []
  })
  return paths.decisionSimulator({
    contextId: context?.id,
    projectId: project?.id,
    ...Object.fromEntries(known),
  })
}

function factsOf(facts: DecisionDetail['facts']) {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      words[name] ?? name,
      <span key={name} className="sp-mono">
        {typeof value === 'string'
          ? value
          : typeof value === 'boolean'
            ? value
              ? 'yes'
              : 'no'
            : JSON.stringify(value)}
      </span>,
    ]),
  )
}
