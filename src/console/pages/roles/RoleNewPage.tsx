import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { Form } from '../../ui/Form.tsx'
import { Page } from '../../ui/Page.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { toast } from '../../ui/toasts.ts'
import { missingOf, RoleFields, type RoleDraft } from './RoleFields.tsx'

export const handle = { crumb: 'New' }

/** A new role, blank or begun as a copy: `/roles/new?copy=<id>`. */
export function Component() {
  const [params] = useSearchParams()
  const copied = params.get('copy') ?? ''
  const from = useQuery({ ...query('roles.view', { roleId: copied }), enabled: copied !== '' })
  if (copied !== '' && from.isPending) {
    return (
      <Page title="New role">
        <Skeletons lines={6} />
      </Page>
    )
  }
  const { name, description = '', permissions = [] } = from.data ?? {}
  const draft = {
    name: name === undefined ? '' : `Copy of ${name}`,
    description,
    permissions: new Set(permissions),
  }
  return (
    <Page title="New role">
      <ProblemNotice error={from.error} />
      <Create begun={draft} />
    </Page>
  )
}

function Create({ begun }: { readonly begun: RoleDraft }) {
  const navigate = useNavigate()
  const [draft, setDraft] = useState(begun)
  const create = useChange('roles.create')
  const errors = formErrors(create.error)
  const save = () =>
    create.mutate(
      { input: { ...draft, name: draft.name.trim(), permissions: [...draft.permissions] } },
      {
        onSuccess: (made) => {
          toast(`Role ${made.name} is created. Nobody holds it until it is granted.`)
          void navigate(paths.role(made.id))
        },
      },
    )
  return (
    <Form
      wide
      submit="Create role"
      onSubmit={save}
      onCancel={() => void navigate(paths.roles())}
      busy={create.isPending}
      errors={errors}
      blocked={missingOf(draft)}
    >
      <RoleFields draft={draft} onChange={setDraft} errors={errors} />
    </Form>
  )
}
