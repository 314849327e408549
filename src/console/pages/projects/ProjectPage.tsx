import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useParams, type LoaderFunctionArgs } from 'react-router'
import { query } from '../../api/client.ts'
import { FindingsMark } from '../../parts/FindingsMark.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { Copyable } from '../../ui/Copyable.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { Page } from '../../ui/Page.tsx'
import { RouteTabs } from '../../ui/RouteTabs.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { providers } from './providers.ts'

const one = (projectId: string) => query('projects.view', { projectId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['projectId'] ?? ''))
}

export const handle = { crumb: (project: { name: string } | undefined) => project?.name }

export function Component() {
  const { projectId = '' } = useParams()
  const { data: project, error } = useQuery(one(projectId))
  if (!project) {
    return (
      <Page title="Project">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}
      </Page>
    )
  }
  const { segment, team, externalId } = project
  return (
    <Page
      title={project.name}
      aside={
        <>
          {project.renamedFrom && <Status is="would">Renamed from {project.renamedFrom}</Status>}
          <FindingsMark of={{ project: projectId }} />
        </>
      }
      facts={
        <Facts
          of={{
            Segment: <Link to={paths.segment(segment.id)}>{segment.name}</Link>,
            Team: team && <Link to={paths.team(team.id)}>{team.name}</Link>,
            'CI system': providers.find(({ value }) => value === project.provider)?.label,
            Repository: <Copyable text={project.repository} what="repository" />,
            'Default branch': <code>{project.defaultBranch}</code>,
            'Last used': <Time at={project.lastUsedAt} />,
            'Immutable id': externalId && <Copyable text={externalId} what="immutable id" />,
          }}
        />
      }
      tabs={
        <RouteTabs
          label="Project"
          tabs={[
            { label: 'Contexts', to: paths.project(projectId), end: true },
            { label: 'Decisions', to: paths.project(projectId, 'decisions') },
            { label: 'Blast radius', to: paths.project(projectId, 'reach') },
            { label: 'Trust', to: paths.project(projectId, 'trust') },
            { label: 'Use it', to: paths.project(projectId, 'use') },
            { label: 'Settings', to: paths.project(projectId, 'settings') },
          ]}
        />
      }
    >
      <Outlet />
    </Page>
  )
}
