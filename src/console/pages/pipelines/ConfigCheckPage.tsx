import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useParams, type LoaderFunctionArgs } from 'react-router'
import type { PipelineCheckDetail } from '../../../contract/pipelines.ts'
import { query } from '../../api/client.ts'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { Facts } from '../../ui/Facts.tsx'
import { Page } from '../../ui/Page.tsx'
import { RouteTabs } from '../../ui/RouteTabs.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'
import { providerNames } from './check-status.ts'
import { CheckStatusBadge } from './CheckStatusBadge.tsx'

const one = (checkId: string) => query('pipelines.view', { checkId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['checkId'] ?? ''))
}

const titleOf = ({ path, project }: Pick<PipelineCheckDetail, 'path' | 'project'>) =>
  `${path} of ${project.name}`

export const handle = { crumb: (check: PipelineCheckDetail | undefined) => check && titleOf(check) }

export function Component() {
  const { checkId = '' } = useParams()
  const { data: check, error } = useQuery(one(checkId))
  if (!check) {
    return (
      <Page title="Config check">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={8} />}
      </Page>
    )
  }
  const { facts } = check
  const parts = facts.jobs.length + facts.refs.length + facts.images.length
  return (
    <Page
      title={titleOf(check)}
      aside={<CheckStatusBadge status={check.status} wouldFail={check.wouldFail} />}
      facts={
        <Facts
          of={{
            When: <Time at={check.at} />,
            Project: <ObjectLink kind="project" {...check.project} />,
            'CI system': `${providerNames[check.provider]}, ${check.kind}`,
            'Branch or tag': (
              <span className="sp-mono">{check.branch ?? check.tag ?? 'not told'}</span>
            ),
            'Checked by': (
              <ObjectLink kind="person" id={check.checkedBy.id} name={check.checkedBy.name} />
            ),
            ...(check.latencyUs !== null && { Took: `${(check.latencyUs / 1000).toFixed(0)} ms` }),
            ...(check.eventId && {
              Evidence: <Link to={paths.auditEvent(check.eventId)}>Audit event</Link>,
            }),
          }}
        />
      }
      tabs={
        <RouteTabs
          label="Config check"
          tabs={[
            {
              label: 'File and rules',
              to: paths.check(checkId),
              end: true,
              count: check.violations.length,
            },
            { label: 'What it says', to: paths.check(checkId, 'facts'), count: parts },
            { label: 'How it was decided', to: paths.check(checkId, 'trace') },
          ]}
        />
      }
    >
      <p>{check.sentence}</p>
      <Outlet />
    </Page>
  )
}
