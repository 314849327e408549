import { useQuery } from '@tanstack/react-query'
import { Outlet, useParams, type LoaderFunctionArgs } from 'react-router'
import { query } from '../../api/client.ts'
import { ciSystems } from '../../parts/ci-systems.ts'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { Copyable } from '../../ui/Copyable.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { Page } from '../../ui/Page.tsx'
import { RouteTabs } from '../../ui/RouteTabs.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'
import { HealthBadge } from './HealthBadge.tsx'

const one = (issuerId: string) => query('issuers.view', { issuerId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['issuerId'] ?? ''))
}

export const handle = { crumb: (issuer: { name: string } | undefined) => issuer?.name }

export function Component() {
  const { issuerId = '' } = useParams()
  const { data: issuer, error } = useQuery(one(issuerId))
  const health = useQuery(query('issuers.health', { issuerId })).data
  if (!issuer) {
    return (
      <Page title="Issuer">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}
      </Page>
    )
  }
  return (
    <Page
      title={issuer.name}
      aside={health && <HealthBadge health={health} />}
      facts={
        <Facts
          of={{
            'CI system': ciSystems[issuer.kind].label,
            Address: <Copyable text={issuer.url} what="address" />,
            Audience: <Copyable text={issuer.audience} what="audience" />,
            'Last used': <Time at={issuer.lastUsedAt} />,
            Trusted: <Time at={issuer.createdAt} />,
            By: <PersonLink person={issuer.createdBy} />,
          }}
        />
      }
      tabs={
        <RouteTabs
          label="Issuer"
          tabs={[
            { label: 'Rules', to: paths.issuer(issuerId), end: true, count: issuer.rules },
            { label: 'Settings', to: paths.issuer(issuerId, 'settings') },
            { label: 'Keys', to: paths.issuer(issuerId, 'keys') },
          ]}
        />
      }
    >
      <Outlet />
    </Page>
  )
}
