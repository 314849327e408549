import { useQuery } from '@tanstack/react-query'
import { Outlet, useParams, type LoaderFunctionArgs } from 'react-router'
import { query } from '../../api/client.ts'
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

const one = (vaultId: string) => query('vaults.view', { vaultId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['vaultId'] ?? ''))
}

export const handle = { crumb: (server: { name: string } | undefined) => server?.name }

export function Component() {
  const { vaultId = '' } = useParams()
  const { data: server, error } = useQuery(one(vaultId))
  if (!server) {
    return (
      <Page title="Vault server">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}
      </Page>
    )
  }
  return (
    <Page
      title={server.name}
      facts={
        <Facts
          of={{
            Address: <Copyable text={server.address} what="address" />,
            Role: <Copyable text={server.role} what="role" />,
            Audience: <Copyable text={server.audience} what="audience" />,
            ...(server.namespace && { Namespace: <code>{server.namespace}</code> }),
            Named: <Time at={server.createdAt} />,
            By: <PersonLink person={server.createdBy} />,
          }}
        />
      }
      tabs={
        <RouteTabs
          label="Vault server"
          tabs={[
            { label: 'Set-up', to: paths.vault(vaultId), end: true },
            { label: 'Secrets', to: paths.vault(vaultId, 'secrets'), count: server.secrets },
            { label: 'Settings', to: paths.vault(vaultId, 'settings') },
          ]}
        />
      }
    >
      <Outlet />
    </Page>
  )
}
