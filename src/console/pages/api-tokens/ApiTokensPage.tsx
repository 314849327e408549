import { Button } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import type { ApiToken } from '../../../contract/api-tokens.ts'
import { pages, query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { useAskedOfPage } from '../../parts/use-asked-of-page.ts'
import { paths } from '../../paths.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Page } from '../../ui/Page.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'

export const handle = { crumb: 'API tokens' }

const shownState = {
  live: <Status is="permitted">Live</Status>,
  expired: <Status is="denied">Expired</Status>,
  revoked: <Status is="denied">Revoked</Status>,
}

const columnsFor = (revoke: (row: ApiToken) => void): Column<ApiToken>[] => [
  { key: 'name', title: 'Name', cell: (row) => row.name },
  {
    key: 'hint',
    title: 'Ends in',
    width: '90px',
    cell: (row) => <span className="sp-mono">…{row.hint}</span>,
  },
  { key: 'role', title: 'Role', width: '160px', cell: (row) => row.role.name },
  {
    key: 'state',
    title: 'State',
    width: '110px',
    keep: true,
    cell: (row) => shownState[row.state],
  },
  {
    key: 'sensitive',
    title: 'Sensitive operations',
    width: '160px',
    cell: (row) => (row.allowSensitive ? 'Allowed' : 'Refused'),
  },
  {
    key: 'expires',
    title: 'Expires',
    width: '130px',
    cell: (row) => <Time at={row.expiresAt} />,
  },
  {
    key: 'used',
    title: 'Last used',
    width: '130px',
    cell: (row) => <Time at={row.lastUsedAt} />,
  },
  {
    key: 'revoke',
    title: 'Action',
    width: '110px',
    keep: true,
    cell: (row) =>
      row.revocable && (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Revoke ${row.name}`}
          onClick={() => revoke(row)}
        >
          Revoke
        </Button>
      ),
  },
]

export function Component() {
  const me = useQuery(query('me.view', {}))
  const list = useInfiniteQuery(pages('apiTokens.list', {}))
  const revoke = useChange('apiTokens.revoke')
  const [asked, setAsked] = useState<ApiToken>()
  const [params] = useSearchParams()
  const rows = list.data?.pages.flatMap(({ items }) => items)
  // A finding's fix leads here with the token that is to go.
  useAskedOfPage(params.get('revoke'), rows !== undefined, (token) =>
    setAsked(rows?.find(({ id, revocable }) => revocable && id === token)),
  )
  const columns = columnsFor(setAsked)
  const create = (
    <AllowedAction
      primary
      allowed={me.data?.may.map(({ permission }) => permission) ?? []}
      may="apiToken:create"
      to={paths.apiTokenNew()}
    >
      Create API token
    </AllowedAction>
  )
  return (
    <Page
      title="API tokens"
      purpose="For automation: scoped to a role, never more than you hold yourself, and expiring."
      action={create}
      fill
    >
      <ProblemNotice error={list.error} />
      <DataTable
        label="API tokens"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.id}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          <Empty title="No API tokens yet" action={create}>
            Create one for each script, so that each can be revoked by itself.
          </Empty>
        }
      />
      {asked && (
        <ConfirmDanger
          opened
          title="Revoke API token"
          verb="Revoke API token"
          busy={revoke.isPending}
          errors={formErrors(revoke.error)}
          onClose={() => setAsked(undefined)}
          onConfirm={() =>
            revoke.mutate(
              { input: { apiTokenId: asked.id } },
              {
                onSuccess: () => {
                  setAsked(undefined)
                  toast(`${asked.name} is revoked.`)
                },
              },
            )
          }
        >
          What uses {asked.name} is refused from its next request on. This cannot be undone.
        </ConfirmDanger>
      )}
    </Page>
  )
}
