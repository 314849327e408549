import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { Link, useParams, type LoaderFunctionArgs } from 'react-router'
import { query } from '../../api/client.ts'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { Facts } from '../../ui/Facts.tsx'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'

// With what tells the risks of a pattern, which is heavier than the page.
const EditTrustRule = lazy(() =>
  import('./EditTrustRule.tsx').then((m) => ({ default: m.EditTrustRule })),
)
const RemoveTrustRule = lazy(() =>
  import('./RemoveTrustRule.tsx').then((m) => ({ default: m.RemoveTrustRule })),
)

const one = (trustRuleId: string) => query('trustRules.view', { trustRuleId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['trustRuleId'] ?? ''))
}

export const handle = { crumb: (rule: { name: string } | undefined) => rule?.name }

export function Component() {
  const { trustRuleId = '' } = useParams()
  const { data: rule, error } = useQuery(one(trustRuleId))
  if (!rule) {
    return (
      <Page title="Trust rule">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}
      </Page>
    )
  }
  return (
    <Page
      title={rule.name}
      facts={
        <Facts
          of={{
            Issuer: <Link to={paths.issuer(rule.issuer.id)}>{rule.issuer.name}</Link>,
            Project: <Link to={paths.project(rule.project.id)}>{rule.project.name}</Link>,
            Audience: <code>{rule.issuer.audience}</code>,
            'Last used': <Time at={rule.lastUsedAt} />,
            Added: <Time at={rule.createdAt} />,
            By: <PersonLink person={rule.createdBy} />,
          }}
        />
      }
    >
      <Panel title="Which tokens are the project’s">
        <Suspense fallback={<Skeletons lines={8} />}>
          <EditTrustRule key={rule.id} rule={rule} />
        </Suspense>
      </Panel>
      <Panel title="Remove trust rule">
        <Suspense fallback={<Skeletons lines={1} />}>
          <RemoveTrustRule rule={rule} />
        </Suspense>
      </Panel>
    </Page>
  )
}
