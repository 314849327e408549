import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Suspense, lazy, useState } from 'react'
import { useParams, useSearchParams, type LoaderFunctionArgs } from 'react-router'
import { query } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { PermissionList } from '../../parts/PermissionList.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { RoleLink } from '../../parts/RoleLink.tsx'
import { queryClient } from '../../query-client.ts'
import { Facts } from '../../ui/Facts.tsx'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'
import { GrantStateBadge } from './GrantStateBadge.tsx'

const RevokeGrants = lazy(() =>
  import('./RevokeGrants.tsx').then((module) => ({ default: module.RevokeGrants })),
)

const GrantEnd = lazy(() =>
  import('./GrantEnd.tsx').then((module) => ({ default: module.GrantEnd })),
)

const one = (grantId: string) => query('grants.view', { grantId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['grantId'] ?? ''))
}

export const handle = {
  crumb: (grant: { role: { name: string }; subject: { name: string } } | undefined) =>
    grant && `${grant.role.name} of ${grant.subject.name}`,
}

export function Component() {
  const { grantId = '' } = useParams()
  const [params] = useSearchParams()
  // A finding's fix leads here with the reason that it gives.
  const because = params.get('revoke') ?? ''
  const [asked, setAsked] = useState(because !== '')
  const [ending, setEnding] = useState(params.has('end'))
  const { data: grant, error } = useQuery(one(grantId))
  const role = useQuery({
    ...query('roles.view', { roleId: grant?.role.id ?? '' }),
    enabled: grant?.role.id !== undefined,
  })
  if (!grant) {
    return (
      <Page title="Grant">{error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}</Page>
    )
  }
  const { subject, scope } = grant
  return (
    <Page
      title={`${grant.role.name} of ${subject.name}`}
      aside={<GrantStateBadge state={grant.state} />}
      action={
        <Group gap="xs">
          <AllowedAction
            allowed={grant.allowed}
            may="grant:create"
            blocked={grant.state === 'live' ? undefined : 'Only what is live is given an end.'}
            onClick={() => setEnding(true)}
          >
            Set an end
          </AllowedAction>
          <AllowedAction
            danger
            allowed={grant.allowed}
            may="grant:revoke"
            blocked={
              grant.state === 'live' || grant.state === 'scheduled'
                ? undefined
                : 'It has ended already.'
            }
            onClick={() => setAsked(true)}
          >
            Revoke grant
          </AllowedAction>
        </Group>
      }
      facts={
        <Facts
          of={{
            Who: <ObjectLink kind={subject.kind} id={subject.id} name={subject.name} />,
            Role: <RoleLink role={grant.role} />,
            Where: scope.id ? (
              <ObjectLink kind={scope.kind} id={scope.id} name={scope.name} />
            ) : (
              scope.name
            ),
            Granted: <Time at={grant.grantedAt} />,
            By: <PersonLink person={grant.grantedBy} />,
            ...(grant.startsAt && { Begins: <Time at={grant.startsAt} /> }),
            Until: <Time at={grant.expiresAt} never="no end" />,
            'Last used': <Time at={grant.lastUsedAt} />,
          }}
        />
      }
    >
      {grant.reason && (
        <Panel title="Reason">
          <p>{grant.reason}</p>
        </Panel>
      )}
      {grant.state === 'ended' && (
        <Panel title="How it ended">
          <p>
            Revoked <Time at={grant.endedAt} /> by <PersonLink person={grant.endedBy} />
            {grant.endReason && `: ${grant.endReason}`}
          </p>
        </Panel>
      )}
      <Panel title="What it permits there">
        {grant.role.id ? (
          <PermissionList permissions={role.data?.permissions ?? []} />
        ) : (
          <p>The role has been deleted since.</p>
        )}
      </Panel>
      {ending && grant.state === 'live' && (
        <Suspense>
          <GrantEnd grant={grant} onClose={() => setEnding(false)} />
        </Suspense>
      )}
      {asked && grant.state === 'live' && (
        <Suspense>
          <RevokeGrants
            ids={[grantId]}
            because={because}
            onClose={() => setAsked(false)}
            onDone={() => setAsked(false)}
          />
        </Suspense>
      )}
    </Page>
  )
}
