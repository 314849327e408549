import { SegmentedControl, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import type { ScopeKind } from '../../../contract/grants.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { PickOne } from '../../parts/PickOne.tsx'
import { paths } from '../../paths.ts'
import { field, Form } from '../../ui/Form.tsx'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { toast } from '../../ui/toasts.ts'

const PermissionList = lazy(() =>
  import('../../parts/PermissionList.tsx').then((module) => ({ default: module.PermissionList })),
)

const Impact = lazy(() =>
  import('../../parts/Impact.tsx').then((module) => ({ default: module.Impact })),
)

export const handle = { crumb: 'New' }

const days = [
  { value: '1', label: '1 day' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: '', label: 'No end' },
]
const scopes: { value: ScopeKind; label: string }[] = [
  { value: 'organization', label: 'Organization' },
  { value: 'segment', label: 'Segment' },
  { value: 'project', label: 'Project' },
  { value: 'context', label: 'Context' },
]

export function Component() {
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const roles = useQuery(query('roles.list', { limit: 200 })).data?.items ?? []
  const [subjectKind, setSubjectKind] = useState<'person' | 'team'>(
    params.has('team') ? 'team' : 'person',
  )
  const [subjectId, setSubjectId] = useState<string | null>(
    params.get('person') ?? params.get('team'),
  )
  const [roleId, setRoleId] = useState<string | null>(params.get('role'))
  const [kind, setKind] = useState<ScopeKind>('organization')
  const [scopeId, setScopeId] = useState<string | null>(null)
  const [lasts, setLasts] = useState('30')
  const [reason, setReason] = useState(params.get('reason') ?? '')
  const create = useChange('grants.create')
  const errors = formErrors(create.error)
  const role = roles.find(({ id }) => id === roleId)
  const scope = kind === 'organization' ? { kind } : scopeId ? { kind, id: scopeId } : undefined
  const wanted = subjectId &&
    roleId &&
    scope && { roleId, subject: { kind: subjectKind, id: subjectId }, scope }
  const impact = useQuery({
    ...query('grants.impact', wanted ? { create: wanted } : {}),
    enabled: Boolean(wanted),
  })
  const blocked = !subjectId
    ? `Choose a ${subjectKind}.`
    : !roleId
      ? 'Choose a role.'
      : kind !== 'organization' && !scopeId
        ? `Choose a ${kind}.`
        : reason.trim() === ''
          ? 'Say why.'
          : undefined
  const save = () => {
    if (!wanted) return
    const end = lasts && new Date(Date.now() + Number(lasts) * 86_400_000).toISOString()
    create.mutate(
      {
        input: {
          ...wanted,
          reason: reason.trim(),
          ...(end && { expiresAt: end }),
        },
      },
      {
        onSuccess: (made) => {
          toast(`${made.subject.name} holds ${made.role.name} now.`)
          void navigate(paths.grant(made.id))
        },
      },
    )
  }
  return (
    <Page title="New grant">
      <Form
        submit="Grant role"
        onSubmit={save}
        onCancel={() => void navigate(paths.grants())}
        busy={create.isPending}
        errors={errors}
        blocked={blocked}
        impact={
          role && (
            <Suspense>
              {wanted && <Impact impact={impact.data} error={impact.error} what="actions" />}
              <Panel title={`What ${role.name} permits`}>
                <PermissionList permissions={role.permissions} />
              </Panel>
            </Suspense>
          )
        }
      >
        <SegmentedControl
          aria-label="For whom"
          data={[
            { value: 'person', label: 'Person' },
            { value: 'team', label: 'Team' },
          ]}
          value={subjectKind}
          onChange={(next) => {
            setSubjectKind(next)
            setSubjectId(null)
          }}
        />
        <PickOne
          key={subjectKind}
          kind={subjectKind}
          {...field('subject', errors)}
          label={subjectKind === 'person' ? 'Person' : 'Team'}
          value={subjectId}
          onChange={setSubjectId}
        />
        <Select
          {...field('roleId', errors)}
          label="Role"
          description="Only a role whose every permission you hold there yourself can be granted."
          searchable
          data={roles.map(({ id, name }) => ({ value: id, label: name }))}
          value={roleId}
          onChange={setRoleId}
        />
        <SegmentedControl
          aria-label="Where it holds"
          data={scopes}
          value={kind}
          onChange={(next) => {
            setKind(next)
            setScopeId(null)
          }}
        />
        {kind !== 'organization' && (
          <PickOne
            key={kind}
            kind={kind}
            {...field('scope', errors)}
            label={scopes.find(({ value }) => value === kind)?.label ?? kind}
            value={scopeId}
            onChange={setScopeId}
          />
        )}
        <Select
          {...field('expiresAt', errors)}
          label="Lasts"
          description="Access that ends by itself need not be remembered."
          data={days}
          allowDeselect={false}
          value={lasts}
          onChange={(next) => setLasts(next ?? '30')}
        />
        <ProseField
          {...field('reason', errors)}
          label="Reason"
          description="Who reviews it later knows why."
          minRows={2}
          value={reason}
          onChange={setReason}
        />
      </Form>
    </Page>
  )
}
