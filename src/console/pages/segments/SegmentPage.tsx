import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useParams, type LoaderFunctionArgs } from 'react-router'
import { query } from '../../api/client.ts'
import { FindingsMark } from '../../parts/FindingsMark.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { Facts } from '../../ui/Facts.tsx'
import { count } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { RouteTabs } from '../../ui/RouteTabs.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'
import { TierBadge } from '../../parts/TierBadge.tsx'

const one = (segmentId: string) => query('segments.view', { segmentId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['segmentId'] ?? ''))
}

export const handle = { crumb: (segment: { name: string } | undefined) => segment?.name }

export function Component() {
  const { segmentId = '' } = useParams()
  const { data: segment, error } = useQuery(one(segmentId))
  if (!segment) {
    return (
      <Page title="Segment">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}
      </Page>
    )
  }
  return (
    <Page
      title={segment.name}
      aside={
        <>
          <TierBadge tier={segment.tier} />
          <FindingsMark of={{ segment: segment.id }} />
        </>
      }
      facts={
        <Facts
          of={{
            Projects: (
              <Link to={paths.projects({ segmentId })}>{count(segment.projects, 'project')}</Link>
            ),
            Contexts: (
              <Link to={paths.contexts({ segmentId })}>{count(segment.contexts, 'context')}</Link>
            ),
            'Runs come from': listed(segment.cidrs, 'anywhere'),
            'On runner classes': listed(segment.runnerClasses, 'any'),
            Created: <Time at={segment.createdAt} />,
          }}
        />
      }
      tabs={
        <RouteTabs
          label="Segment"
          tabs={[
            { label: 'Projects and contexts', to: paths.segment(segmentId), end: true },
            { label: 'Settings', to: paths.segment(segmentId, 'settings') },
          ]}
        />
      }
    >
      <Outlet />
    </Page>
  )
}

const listed = (all: readonly string[], none: string) =>
  all.length > 0 ? <span className="sp-mono">{all.join(', ')}</span> : none
