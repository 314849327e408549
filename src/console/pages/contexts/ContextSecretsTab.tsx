import { Button, Group, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Suspense, lazy, useState } from 'react'
import { useSearchParams } from 'react-router'
import type { Secret } from '../../../contract/contexts.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { SecretToken } from '../../parts/SecretToken.tsx'
import { useAskedOfPage } from '../../parts/use-asked-of-page.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { count } from '../../ui/format.ts'
import { toast } from '../../ui/toasts.ts'
import { ReferenceText } from './ReferenceText.tsx'
import { useContextHere } from './use-context.ts'

const SecretVersions = lazy(() =>
  import('./SecretVersions.tsx').then((module) => ({ default: module.SecretVersions })),
)

const SecretImport = lazy(() =>
  import('./SecretImport.tsx').then((module) => ({ default: module.SecretImport })),
)

const SecretForm = lazy(() =>
  import('./SecretForm.tsx').then((module) => ({ default: module.SecretForm })),
)

const ReferenceForm = lazy(() =>
  import('./ReferenceForm.tsx').then((module) => ({ default: module.ReferenceForm })),
)

type Open =
  | { kind: 'store' | 'refer' | 'versions' | 'delete'; secret?: Secret }
  | { kind: 'import' }

const columnsWith = (open: (next: Open) => void): Column<Secret>[] => [
  {
    key: 'name',
    title: 'Name',
    width: '280px',
    cell: (row) => <span className="sp-mono">{row.name}</span>,
  },
  {
    key: 'token',
    title: 'Stand-in or reference',
    keep: true,
    cell: (row) =>
      row.reference ? (
        <ReferenceText
          reference={row.reference}
          updatedAt={row.updatedAt}
          lastUsedAt={row.lastUsedAt}
        />
      ) : (
        <SecretToken
          token={row.token}
          updatedAt={row.updatedAt}
          lastUsedAt={row.lastUsedAt}
          sameIn={row.sameIn.contexts}
        />
      ),
  },
  {
    key: 'version',
    title: 'Version',
    width: '90px',
    align: 'end',
    cell: (row) => row.currentVersion,
  },
  {
    key: 'actions',
    title: 'Actions',
    width: '110px',
    keep: true,
    cell: (row) => (
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="subtle" size="compact-sm" aria-label={`Actions of ${row.name}`}>
            Actions
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => open({ kind: 'store', secret: row })}>Replace secret</Menu.Item>
          <Menu.Item onClick={() => open({ kind: 'refer', secret: row })}>
            {row.reference ? 'Change reference' : 'Refer to Vault'}
          </Menu.Item>
          <Menu.Item onClick={() => open({ kind: 'versions', secret: row })}>
            Show versions
          </Menu.Item>
          <Menu.Item color="red" onClick={() => open({ kind: 'delete', secret: row })}>
            Delete secret
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    ),
  },
]

export function Component() {
  const context = useContextHere()
  const contextId = context.id
  const [open, setOpen] = useState<Open>()
  const list = useQuery(query('contexts.secrets', { contextId }))
  const [params] = useSearchParams()
  // A finding's fix leads here with the secret to be replaced or deleted.
  const replaced = params.get('replace')
  useAskedOfPage(replaced ?? params.get('delete'), list.data !== undefined, (name) => {
    const kind = replaced === null ? 'delete' : 'store'
    const meant = list.data?.items.find((one) => one.name === name)
    const may = context.allowed.includes(kind === 'store' ? 'secret:store' : 'secret:delete')
    if (meant && may) setOpen({ kind, secret: meant })
  })
  const secret = open && 'secret' in open ? open.secret : undefined
  const close = () => setOpen(undefined)
  const store = (
    <AllowedAction
      primary
      allowed={context.allowed}
      may="secret:store"
      onClick={() => setOpen({ kind: 'store' })}
    >
      Store secret
    </AllowedAction>
  )
  const actions = (
    <>
      <AllowedAction
        allowed={context.allowed}
        may="secret:store"
        onClick={() => setOpen({ kind: 'import' })}
      >
        Import .env text
      </AllowedAction>
      <AllowedAction
        allowed={context.allowed}
        may="secret:store"
        onClick={() => setOpen({ kind: 'refer' })}
      >
        Refer to Vault
      </AllowedAction>
      {store}
    </>
  )
  return (
    <>
      <ProblemNotice error={list.error} />
      <DataTable
        label="Secrets"
        columns={columnsWith(setOpen)}
        rows={list.data?.items}
        rowKey={(row) => row.id}
        {...(list.data && { total: `${count(list.data.items.length, 'secret')} of at most 100` })}
        tools={actions}
        empty={
          <Empty title="No secrets yet" action={<Group gap="xs">{actions}</Group>}>
            Store one, or import a .env text. Nobody can read a value again, only replace it.
          </Empty>
        }
      />
      <Suspense>
        {open?.kind === 'store' && (
          <SecretForm
            key={secret?.id ?? 'new'}
            contextId={contextId}
            {...(secret && { replaced: secret })}
            opened
            onClose={close}
          />
        )}
        {open?.kind === 'refer' && (
          <ReferenceForm
            key={secret?.id ?? 'new'}
            contextId={contextId}
            {...(secret && { replaced: secret })}
            onClose={close}
          />
        )}
        {open?.kind === 'import' && <SecretImport contextId={contextId} opened onClose={close} />}
        {secret && open?.kind === 'versions' && (
          <SecretVersions
            contextId={contextId}
            name={secret.name}
            allowed={context.allowed}
            onClose={close}
          />
        )}
      </Suspense>
      {secret && open?.kind === 'delete' && (
        <DeleteSecret contextId={contextId} secret={secret} onClose={close} />
      )}
    </>
  )
}

function DeleteSecret(props: { contextId: string; secret: Secret; onClose: () => void }) {
  const { contextId, secret, onClose } = props
  const remove = useChange('contexts.removeSecret')
  const confirm = () =>
    remove.mutate(
      { input: { contextId, name: secret.name }, version: secret.currentVersion },
      {
        onSuccess: () => {
          toast(`Secret ${secret.name} is deleted.`)
          onClose()
        },
      },
    )
  return (
    <ConfirmDanger
      title={`Delete ${secret.name}`}
      name={secret.name}
      opened
      onClose={onClose}
      onConfirm={confirm}
      verb="Delete secret"
      busy={remove.isPending}
      errors={formErrors(remove.error)}
    >
      All {count(secret.currentVersion, 'version')} go with it. Runs that use this context find no
      variable {secret.name} from now on. There is no undo.
    </ConfirmDanger>
  )
}
