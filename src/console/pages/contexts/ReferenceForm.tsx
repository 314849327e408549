import { Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { secretFault } from '../../../contract/context-limits.ts'
import type { Secret } from '../../../contract/contexts.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { field, Form } from '../../ui/Form.tsx'
import { SideDrawer } from '../../ui/SideDrawer.tsx'
import { toast } from '../../ui/toasts.ts'

/** Makes a secret a reference to a value in Vault or OpenBao, a new one or one that is there. */
export function ReferenceForm(props: {
  contextId: string
  replaced?: Secret
  onClose: () => void
}) {
  const { contextId, replaced, onClose } = props
  const list = useQuery(query('vaults.list', { limit: 200 }))
  const servers = list.data?.items ?? []
  const [name, setName] = useState(replaced?.name ?? '')
  const [draft, setDraft] = useState(() => ({
    vaultId: replaced?.reference?.vaultId ?? '',
    mount: replaced?.reference?.mount ?? 'secret',
    path: replaced?.reference?.path ?? '',
    field: replaced?.reference?.field ?? '',
  }))
  const set = (part: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...part }))
  // Of one server there is nothing to choose.
  const vaultId = draft.vaultId || (servers.length === 1 ? (servers[0]?.id ?? '') : '')
  const server = servers.find(({ id }) => id === vaultId)
  const refer = useChange('contexts.refer')
  const errors = formErrors(refer.error)
  const save = () =>
    refer.mutate(
      { input: { contextId, name, reference: { ...draft, vaultId } } },
      {
        onSuccess: (made) => {
          toast(`${made.name} refers to ${server?.name ?? 'Vault'}.`)
          // The server counts the secrets that refer into it.
          void queryClient.invalidateQueries({ queryKey: ['vaults'] })
          onClose()
        },
      },
    )
  const text = (key: 'mount' | 'path' | 'field', label: string, description: string) => (
    <TextInput
      {...field(`reference.${key}`, errors)}
      label={label}
      description={description}
      classNames={{ input: 'sp-mono' }}
      maxLength={300}
      autoComplete="off"
      spellCheck={false}
      value={draft[key]}
      onChange={(event) => set({ [key]: event.currentTarget.value.trim() })}
    />
  )
  const missing =
    name === ''
      ? 'Give it a name.'
      : (secretFault(name, '') ??
        (vaultId === ''
          ? 'Choose a Vault server.'
          : draft.mount === '' || draft.path === '' || draft.field === ''
            ? 'Say where the value is.'
            : undefined))
  return (
    <SideDrawer
      title={replaced ? `Refer ${replaced.name} to Vault` : 'Refer to Vault'}
      opened
      onClose={onClose}
    >
      <ProblemNotice error={list.error} />
      {list.data?.items.length === 0 && (
        <p role="note">
          No Vault server is named yet. <Link to={paths.vaultNew()}>Name a Vault server</Link>{' '}
          first.
        </p>
      )}
      <Form
        submit="Refer to Vault"
        onSubmit={save}
        onCancel={onClose}
        busy={refer.isPending}
        errors={errors}
        blocked={missing}
        impact={
          <p>
            The value is read there when a run redeems its lease, and never stored here. Where it
            cannot be read, the run gets nothing and its lease is spent.
            {replaced &&
              ` Version ${replaced.currentVersion} stays in the history and can be rolled back to.`}
          </p>
        }
      >
        <TextInput
          {...field('name', errors)}
          label="Name"
          description="The variable: letters, digits and underscores."
          classNames={{ input: 'sp-mono' }}
          disabled={replaced !== undefined}
          autoComplete="off"
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          {...field('reference.vaultId', errors)}
          label="Vault server"
          allowDeselect={false}
          data={servers.map(({ id, name: label }) => ({ value: id, label }))}
          value={vaultId === '' ? null : vaultId}
          onChange={(next) => set({ vaultId: next ?? '' })}
        />
        {text('mount', 'Mount', 'Where the KV engine (version 2) is mounted.')}
        {text('path', 'Path', 'Of the secret in that engine, without data/.')}
        {text('field', 'Field', 'The one of its fields that is the value.')}
      </Form>
    </SideDrawer>
  )
}
