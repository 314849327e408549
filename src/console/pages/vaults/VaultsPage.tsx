import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { pages, query } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { TrustTabs } from '../../parts/TrustTabs.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import type { VaultServer } from './vault-draft.ts'

export const handle = { crumb: 'Vault servers' }

const columns: Column<VaultServer>[] = [
  {
    key: 'name',
    title: 'Vault server',
    width: '220px',
    cell: (row) => <Link to={paths.vault(row.id)}>{row.name}</Link>,
  },
  {
    key: 'address',
    title: 'Address',
    keep: true,
    cell: (row) => <code title={row.address}>{row.address}</code>,
  },
  {
    key: 'role',
    title: 'Role',
    width: '180px',
    cell: (row) => <code title={row.role}>{row.role}</code>,
  },
  {
    key: 'audience',
    title: 'Audience',
    width: '300px',
    cell: (row) => <code title={row.audience}>{row.audience}</code>,
  },
  {
    key: 'secrets',
    title: 'Secrets',
    width: '100px',
    align: 'end',
    keep: true,
    cell: (row) => num(row.secrets),
  },
]

export function Component() {
  const me = useQuery(query('me.view', {}))
  const list = useInfiniteQuery(pages('vaults.list', {}))
  const create = (
    <AllowedAction
      primary
      allowed={me.data?.may.map(({ permission }) => permission) ?? []}
      may="vault:create"
      to={paths.vaultNew()}
    >
      Name a Vault server
    </AllowedAction>
  )
  return (
    <Page
      title="Vault servers"
      purpose="Vault and OpenBao servers that secrets may refer into: the value stays there and is read when a run redeems its lease."
      action={create}
      tabs={<TrustTabs />}
      fill
    >
      <ProblemNotice error={list.error} />
      <DataTable
        label="Vault servers"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.vault(row.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          <Empty title="No Vault server yet" action={create}>
            Name one, and a secret may refer to a value in it instead of being stored here.
          </Empty>
        }
      />
    </Page>
  )
}
