import { Button, Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { Link, useParams, type LoaderFunctionArgs } from 'react-router'
import type { Finding } from '../../../contract/findings.ts'
import { query } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ControlRefs } from '../../parts/ControlRefs.tsx'
import { EvidenceTable } from '../../parts/EvidenceTable.tsx'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { DataList } from '../../ui/DataList.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { count, num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import type { FindingDecision } from './DecideFinding.tsx'
import { FindingStateBadge } from './FindingStateBadge.tsx'
import { fixPath } from './fix-path.ts'

const DecideFinding = lazy(() =>
  import('./DecideFinding.tsx').then((module) => ({ default: module.DecideFinding })),
)

const one = (findingId: string) => query('findings.view', { findingId })

/** It ends by itself, within seconds of its fix. */
const lookAgainMs = 3_000

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['findingId'] ?? ''))
}

export const handle = { crumb: (finding: Finding | undefined) => finding?.title }

export function Component() {
  const { findingId = '' } = useParams()
  const { data: finding, error } = useQuery({
    ...one(findingId),
    refetchInterval: ({ state }) => (state.data?.state === 'resolved' ? false : lookAgainMs),
  })
  const [deciding, setDeciding] = useState<FindingDecision>()
  if (!finding) {
    return (
      <Page title="Finding">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}
      </Page>
    )
  }
  const { state, allowed } = finding
  const over = state === 'resolved' ? 'It has resolved by itself.' : undefined
  const decide = (label: string, to: FindingDecision) => (
    <AllowedAction
      allowed={over ? ['finding:update'] : allowed}
      may="finding:update"
      blocked={over}
      onClick={() => setDeciding(to)}
    >
      {label}
    </AllowedAction>
  )
  return (
    <Page
      title={finding.title}
      aside={
        <>
          <Status is={finding.severity} />
          <FindingStateBadge state={state} />
        </>
      }
      action={
        <Group gap="xs">
          {state === 'muted' || state === 'accepted'
            ? decide('Open again', 'reopen')
            : decide('Mute', 'mute')}
          {state !== 'accepted' && decide('Accept risk', 'accept')}
          {!over && (
            <Button variant="filled" component={Link} to={fixPath(finding)}>
              {finding.fix.label}
            </Button>
          )}
        </Group>
      }
      facts={<Known finding={finding} />}
    >
      <Panel title="What is wrong, and why it matters">
        <p>
          <strong>{finding.says}</strong>
        </p>
        <p>{finding.why}</p>
      </Panel>
      <Panel
        title="What proves it"
        aside={
          finding.more > 0 && (
            <span className="sp-dim">and {count(finding.more, 'further row')}</span>
          )
        }
        flush
      >
        <EvidenceTable label="What proves it" rows={finding.evidence} />
      </Panel>
      <Panel title="What it touches">
        <p>
          OWASP Top 10 CI/CD Security Risks: <code>{finding.cicdRisk}</code>. Controls:{' '}
          <ControlRefs refs={finding.controls} />.
        </p>
        <p>
          It weighs {num(finding.weight)} (critical weighs 10, high 7.5, medium 5, low 2.5): what a
          score can lose by all findings of its kind is that share of the weights of all kinds; this
          one takes its part of it.
        </p>
      </Panel>
      <History finding={finding} />
      {deciding && (
        <Suspense>
          <DecideFinding
            finding={finding}
            decide={deciding}
            onClose={() => setDeciding(undefined)}
          />
        </Suspense>
      )}
    </Page>
  )
}

function Known({ finding }: { readonly finding: Finding }) {
  const { subject, project, context, person, owner, until, resolvedAt } = finding
  const other = (kind: string, place: { id: string; name: string } | null) =>
    place && place.id !== subject.id && <ObjectLink kind={kind} {...place} />
  return (
    <Facts
      of={{
        About: <ObjectLink {...subject} />,
        ...(other('person', person) && { Person: other('person', person) }),
        ...(other('project', project) && { Project: other('project', project) }),
        ...(other('context', context) && { Context: other('context', context) }),
        Since: <Time at={finding.openedAt} />,
        ...(resolvedAt && { Resolved: <Time at={resolvedAt} /> }),
        ...(owner && { Owner: <PersonLink person={owner} /> }),
        ...(until && { Until: <Time at={until} />, Reason: finding.reason }),
        'Looked for': <Time at={finding.lookedAt} never="as things change" />,
        Detection: (
          <Link to={paths.findings({ detection: finding.detection, state: 'any' })}>
            <code>{finding.detection}</code>
          </Link>
        ),
        Weight: num(finding.weight),
      }}
    />
  )
}

const turns = {
  opened: 'Opened',
  reopened: 'Open again',
  muted: 'Muted',
  accepted: 'Accepted',
  resolved: 'Resolved',
} as const

function History({ finding }: { readonly finding: Finding }) {
  return (
    <Panel
      title="History"
      aside={<Link to={paths.audit({ q: `resource:${finding.id}` })}>In the audit trail</Link>}
      flush
    >
      <DataList
        label="History"
        heads={['What', 'When', 'By', 'Reason', 'Until']}
        rows={finding.history.map(({ turn, at, by, reason, until }) => ({
          key: `${turn} ${at}`,
          cells: {
            What: turns[turn],
            When: <Time at={at} />,
            By: by ? <PersonLink person={by} /> : 'the console itself',
            Reason: reason ?? '–',
            Until: <Time at={until} never="–" />,
          },
        }))}
      />
    </Panel>
  )
}
