import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import {
  Link,
  useNavigate,
  useParams,
  useSearchParams,
  type LoaderFunctionArgs,
} from 'react-router'
import type { OutputOf } from '../../../contract/index.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { PermissionList } from '../../parts/PermissionList.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { useAskedOfPage } from '../../parts/use-asked-of-page.ts'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'

const one = (roleId: string) => query('roles.view', { roleId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['roleId'] ?? ''))
}

export const handle = { crumb: (role: { name: string } | undefined) => role?.name }

type Detail = OutputOf<'roles.view'>

const columns: Column<Detail['holders'][number]>[] = [
  {
    key: 'subject',
    title: 'Who',
    cell: ({ subject }) => (
      <ObjectLink
        kind={subject.kind}
        id={subject.id}
        name={subject.kind === 'team' ? `team ${subject.name}` : subject.name}
      />
    ),
  },
  { key: 'scope', title: 'Where', width: '220px', keep: true, cell: (row) => row.scope.name },
  {
    key: 'until',
    title: 'Until',
    width: '160px',
    cell: (row) => <Time at={row.expiresAt} never="without an end" />,
  },
  {
    key: 'grant',
    title: 'Grant',
    width: '110px',
    cell: (row) => <Link to={paths.grant(row.grantId)}>Open grant</Link>,
  },
]

export function Component() {
  const { roleId = '' } = useParams()
  const { data: role, error } = useQuery(one(roleId))
  const me = useQuery(query('me.view', {})).data
  if (!role) {
    return (
      <Page title="Role">{error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}</Page>
    )
  }
  const held = me?.may.map(({ permission }) => permission) ?? []
  return (
    <Page
      title={role.name}
      aside={<Status is="plain">{role.builtIn ? 'Built in' : 'Custom'}</Status>}
      facts={
        <Facts
          of={{
            Permissions: num(role.permissions.length),
            'Live grants': <Link to={paths.grants({ role: roleId })}>{num(role.grants)}</Link>,
            Created: <Time at={role.createdAt} />,
          }}
        />
      }
      action={
        <Group gap="xs">
          <AllowedAction allowed={held} may="role:create" to={paths.roleNew({ copy: roleId })}>
            Copy role
          </AllowedAction>
          <AllowedAction
            primary
            allowed={held}
            may="role:update"
            blocked={role.builtIn ? 'Built-in roles never change. Copy it instead.' : undefined}
            to={paths.role(roleId, 'edit')}
          >
            Edit role
          </AllowedAction>
        </Group>
      }
    >
      {role.description && <p>{role.description}</p>}
      <Panel title="Who holds it" flush>
        <DataTable
          label="Holders"
          columns={columns}
          rows={role.holders}
          rowKey={(row) => row.grantId}
          empty={<Empty title="Nobody holds it">Grant it to a person or a team.</Empty>}
        />
      </Panel>
      <Panel title="What it permits">
        <PermissionList permissions={role.permissions} />
      </Panel>
      {!role.builtIn && (
        <Panel title="Delete role">
          <Delete role={role} held={held} />
        </Panel>
      )}
    </Page>
  )
}

function Delete({ role, held }: { readonly role: Detail; readonly held: readonly string[] }) {
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const may = held.includes('role:delete') && role.grants === 0
  /** The version that was looked at when the question was asked. */
  const [asked, setAsked] = useState<number>()
  // A finding's fix asks at once.
  useAskedOfPage(params.get('delete'), may, () => setAsked(role.version))
  const remove = useChange('roles.remove')
  const confirm = () =>
    remove.mutate(
      { input: { roleId: role.id }, version: asked ?? 0 },
      {
        onSuccess: () => {
          toast(`Role ${role.name} is deleted.`)
          void navigate(paths.roles())
        },
      },
    )
  return (
    <>
      <p>Only a role that nobody holds can go. Grants that have ended keep its name.</p>
      <AllowedAction
        danger
        allowed={held}
        may="role:delete"
        blocked={role.grants > 0 ? 'Live grants name it. Revoke them first.' : undefined}
        onClick={() => setAsked(role.version)}
      >
        Delete role
      </AllowedAction>
      <ConfirmDanger
        title={`Delete ${role.name}`}
        opened={asked !== undefined}
        onClose={() => setAsked(undefined)}
        onConfirm={confirm}
        verb="Delete role"
        busy={remove.isPending}
        errors={formErrors(remove.error)}
      >
        Nobody holds it.
      </ConfirmDanger>
    </>
  )
}
