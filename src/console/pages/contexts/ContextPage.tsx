import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useParams, type LoaderFunctionArgs } from 'react-router'
import { query } from '../../api/client.ts'
import { FindingsMark } from '../../parts/FindingsMark.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { Facts } from '../../ui/Facts.tsx'
import { Page } from '../../ui/Page.tsx'
import { RouteTabs } from '../../ui/RouteTabs.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'

const one = (contextId: string) => query('contexts.view', { contextId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['contextId'] ?? ''))
}

export const handle = { crumb: (context: { name: string } | undefined) => context?.name }

export function Component() {
  const { contextId = '' } = useParams()
  const { data: context, error } = useQuery(one(contextId))
  if (!context) {
    return (
      <Page title="Context">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}
      </Page>
    )
  }
  return (
    <Page
      title={context.name}
      aside={
        <>
          {context.closed ? (
            <Status is="denied">Closed: no restriction</Status>
          ) : (
            <Status is="permitted">Restricted</Status>
          )}
          <FindingsMark of={{ context: contextId }} />
        </>
      }
      facts={
        <Facts
          of={{
            Segment: context.segment && (
              <Link to={paths.segment(context.segment.id)}>{context.segment.name}</Link>
            ),
            Owner: context.team && (
              <Link to={paths.team(context.team.id)}>{context.team.name}</Link>
            ),
            Created: <Time at={context.createdAt} />,
            By: <PersonLink person={context.createdBy} />,
            'Last used': <Time at={context.lastUsedAt} />,
          }}
        />
      }
      tabs={
        <RouteTabs
          label="Context"
          tabs={[
            { label: 'Secrets', to: paths.context(contextId), end: true, count: context.secrets },
            {
              label: 'Restrictions',
              to: paths.context(contextId, 'restrictions'),
              count: context.restrictions,
            },
            { label: 'Try a run', to: paths.context(contextId, 'try') },
            { label: 'Use it', to: paths.context(contextId, 'use') },
            { label: 'Settings', to: paths.context(contextId, 'settings') },
          ]}
        />
      }
    >
      {context.description && <p>{context.description}</p>}
      <Outlet />
    </Page>
  )
}
