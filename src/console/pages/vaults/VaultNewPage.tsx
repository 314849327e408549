import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { paths } from '../../paths.ts'
import { Form } from '../../ui/Form.tsx'
import { Page } from '../../ui/Page.tsx'
import { toast } from '../../ui/toasts.ts'
import { blankVault, missingOf } from './vault-draft.ts'
import { VaultFields } from './VaultFields.tsx'

export const handle = { crumb: 'New' }

export function Component() {
  const navigate = useNavigate()
  const [draft, setDraft] = useState(blankVault)
  const create = useChange('vaults.create')
  const errors = formErrors(create.error)
  const save = () =>
    create.mutate(
      { input: { ...draft, name: draft.name.trim() } },
      {
        onSuccess: (made) => {
          toast(`${made.name} is named. Secrets may refer into it.`)
          void navigate(paths.vault(made.id))
        },
      },
    )
  return (
    <Page
      title="Name a Vault server"
      purpose="Secrets may then refer to values in it. It is asked with federated tokens; no credential of it is stored."
    >
      <Form
        submit="Name Vault server"
        onSubmit={save}
        onCancel={() => void navigate(paths.vaults())}
        busy={create.isPending}
        errors={errors}
        blocked={missingOf(draft)}
        impact={<p>Nothing is read yet: a secret of a context must refer to a value in it.</p>}
      >
        <VaultFields
          draft={draft}
          onChange={(part) => setDraft((before) => ({ ...before, ...part }))}
          errors={errors}
        />
      </Form>
    </Page>
  )
}
