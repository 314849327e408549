import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useParams, useSearchParams, type LoaderFunctionArgs } from 'react-router'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { missingReason } from '../../parts/impact-words.ts'
import { Form } from '../../ui/Form.tsx'
import { Page } from '../../ui/Page.tsx'
import { toast } from '../../ui/toasts.ts'
import { missingOf, RoleFields, type RoleDraft } from './RoleFields.tsx'
import { RoleImpact } from './RoleImpact.tsx'
import { useRoleImpact } from './use-role-impact.ts'

const one = (roleId: string) => query('roles.view', { roleId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['roleId'] ?? ''))
}

export const handle = {
  crumb: (role: { name: string } | undefined) => role && `Edit ${role.name}`,
}

/** Changes what a role permits, and shows who would gain or lose what before it is saved. */
export function Component() {
  const { roleId = '' } = useParams()
  // What the person looked at when they began: its version is the one that saving expects.
  const loaded = useSuspenseQuery(one(roleId)).data
  const [role] = useState(loaded)
  const navigate = useNavigate()
  // A finding's fix leads here with the permissions that nobody uses.
  const [params] = useSearchParams()
  const [dropped] = useState(() => new Set((params.get('drop') ?? '').split(' ')))
  const [draft, setDraft] = useState<RoleDraft>({
    name: role.name,
    description: role.description,
    permissions: new Set(role.permissions.filter((permission) => !dropped.has(permission))),
  })
  const change = useChange('roles.update')
  const errors = formErrors(change.error)
  const permissions = [...draft.permissions]
  const differs =
    permissions.length !== role.permissions.length ||
    role.permissions.some((permission) => !draft.permissions.has(permission))
  const same = !differs && draft.name === role.name && draft.description === role.description
  const [reason, setReason] = useState('')
  const impact = useRoleImpact(roleId, permissions)
  const unsaid = differs ? missingReason(impact.data?.uses, reason) : undefined
  const save = () =>
    change.mutate(
      {
        input: {
          roleId,
          name: draft.name.trim(),
          description: draft.description,
          permissions,
          ...(reason.trim() && { reason: reason.trim() }),
        },
        version: role.version,
      },
      {
        onSuccess: (saved) => {
          toast(`Role ${saved.name} is saved.`)
          void navigate(paths.role(roleId))
        },
      },
    )
  return (
    <Page title={`Edit ${role.name}`}>
      <Form
        wide
        submit="Save role"
        onSubmit={save}
        onCancel={() => void navigate(paths.role(roleId))}
        busy={change.isPending}
        errors={errors}
        blocked={
          role.builtIn
            ? 'A built-in role cannot be edited. Copy it instead.'
            : same
              ? 'Nothing is changed.'
              : (missingOf(draft) ?? unsaid)
        }
        impact={
          differs && (
            <RoleImpact
              roleId={roleId}
              permissions={permissions}
              reason={reason}
              onReason={setReason}
              refused={change.error}
            />
          )
        }
      >
        <RoleFields draft={draft} onChange={setDraft} errors={errors} />
      </Form>
    </Page>
  )
}
