import { useQuery } from '@tanstack/react-query'
import { Outlet, useParams, type LoaderFunctionArgs } from 'react-router'
import { query } from '../../api/client.ts'
import { ModeBadge } from '../../parts/ModeBadge.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { Facts } from '../../ui/Facts.tsx'
import { Page } from '../../ui/Page.tsx'
import { RouteTabs } from '../../ui/RouteTabs.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'
import { Denials } from './Denials.tsx'
import { TriedUntil } from './TriedUntil.tsx'
import { UsageMark } from './UsageMark.tsx'

const one = (policyId: string) => query('policies.view', { policyId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['policyId'] ?? ''))
}

export const handle = { crumb: (policy: { name: string } | undefined) => policy?.name }

export function Component() {
  const { policyId = '' } = useParams()
  const { data: policy, error } = useQuery(one(policyId))
  if (!policy) {
    return (
      <Page title="Policy">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={8} />}
      </Page>
    )
  }
  return (
    <Page
      title={policy.name}
      aside={<ModeBadge mode={policy.mode} />}
      facts={
        <Facts
          of={{
            'In force': policy.versionInForce && `version ${policy.versionInForce}`,
            ...(policy.evaluateUntil && { 'Tried until': <TriedUntil policy={policy} /> }),
            Newest: `version ${policy.currentVersion}`,
            Written: <Time at={policy.updatedAt} />,
            'Created by': <PersonLink person={policy.createdBy} />,
            'Denied in 7 days': (
              <Denials of={policy.denials} policy={policyId} policyMode="enforce" />
            ),
            'Would be denied': (
              <Denials of={policy.wouldDenials} policy={policyId} policyMode="evaluate" />
            ),
            'Denied of applied, 90 days': (
              <UsageMark usage={policy.usage} fired={policy.denials + policy.wouldDenials > 0} />
            ),
          }}
        />
      }
      tabs={
        <RouteTabs
          label="Policy"
          tabs={[
            { label: 'Text', to: paths.policy(policyId), end: true },
            { label: 'Tests', to: paths.policy(policyId, 'tests') },
            { label: 'Impact', to: paths.policy(policyId, 'impact') },
            {
              label: 'Versions',
              to: paths.policy(policyId, 'versions'),
              count: policy.currentVersion,
            },
            { label: 'Enforcement', to: paths.policy(policyId, 'enforcement') },
            { label: 'Settings', to: paths.policy(policyId, 'settings') },
          ]}
        />
      }
    >
      {policy.description && <p>{policy.description}</p>}
      <Outlet />
    </Page>
  )
}
