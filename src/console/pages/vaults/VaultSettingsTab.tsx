import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { query, useChange } from '../../api/client.ts'
import { errorsButRace, formErrors } from '../../api/problem.ts'
import { LostRace } from '../../parts/LostRace.tsx'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { useDraft } from '../../parts/use-draft.ts'
import { paths } from '../../paths.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { Form } from '../../ui/Form.tsx'
import { count } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { toast } from '../../ui/toasts.ts'
import { draftOf, missingOf, type VaultServer } from './vault-draft.ts'
import { VaultFields } from './VaultFields.tsx'

export function Component() {
  const { vaultId = '' } = useParams()
  const server = useSuspenseQuery(query('vaults.view', { vaultId })).data
  return (
    <>
      <Panel title="How it is asked">
        <Edit server={server} />
      </Panel>
      <Panel title="Remove Vault server">
        <Remove server={server} />
      </Panel>
    </>
  )
}

function Edit({ server }: { readonly server: VaultServer }) {
  const { draft, touched, version, set, follow } = useDraft(server, draftOf)
  const change = useChange('vaults.update')
  const errors = errorsButRace(change.error)
  const save = (at: number) =>
    change.mutate(
      { input: { vaultId: server.id, ...draft, name: draft.name.trim() }, version: at },
      {
        onSuccess: (saved) => {
          follow(saved)
          toast(`${saved.name} is saved.`)
        },
      },
    )
  return (
    <>
      <Form
        submit="Save Vault server"
        onSubmit={() => save(version)}
        busy={change.isPending}
        errors={errors}
        blocked={
          server.allowed.includes('vault:update')
            ? touched
              ? missingOf(draft)
              : 'Nothing is changed.'
            : 'You need the permission vault:update here.'
        }
        impact={
          touched &&
          server.secrets > 0 && (
            <p>
              {count(server.secrets, 'secret')} will be read so from the next redemption on. Where
              the server does not agree, these runs get nothing.
            </p>
          )
        }
      >
        <VaultFields draft={draft} onChange={set} errors={errors} />
      </Form>
      <LostRace change={change} mine={draft} told={draftOf} save={save} follow={follow} />
    </>
  )
}

function Remove({ server }: { readonly server: VaultServer }) {
  const navigate = useNavigate()
  const [asked, setAsked] = useState(false)
  const remove = useChange('vaults.remove')
  const confirm = () =>
    remove.mutate(
      { input: { vaultId: server.id }, version: server.version },
      {
        onSuccess: () => {
          toast(`${server.name} is removed.`)
          void navigate(paths.vaults())
        },
      },
    )
  const held =
    server.secrets > 0
      ? `${count(server.secrets, 'secret')} ${server.secrets === 1 ? 'refers' : 'refer'} into it: store or point them elsewhere first.`
      : undefined
  return (
    <>
      <p>{held ?? 'No secret refers into it. Nothing on the server itself is changed.'}</p>
      <AllowedAction
        danger
        allowed={server.allowed}
        may="vault:delete"
        blocked={held}
        onClick={() => setAsked(true)}
      >
        Remove Vault server
      </AllowedAction>
      <ConfirmDanger
        title={`Remove ${server.name}`}
        opened={asked}
        onClose={() => setAsked(false)}
        onConfirm={confirm}
        verb="Remove Vault server"
        busy={remove.isPending}
        errors={formErrors(remove.error)}
      >
        No secret refers into it. Its JWT method still trusts this console until that is taken away
        there.
      </ConfirmDanger>
    </>
  )
}
