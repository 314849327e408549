import { Checkbox, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { paths } from '../../paths.ts'
import { Copyable } from '../../ui/Copyable.tsx'
import { field, Form } from '../../ui/Form.tsx'
import { Page } from '../../ui/Page.tsx'

export const handle = { crumb: 'New' }

export function Component() {
  const navigate = useNavigate()
  const create = useChange('apiTokens.create')
  const roles = useQuery(query('roles.list', { limit: 200 })).data?.items ?? []
  const [name, setName] = useState('')
  const [roleId, setRoleId] = useState<string | null>(null)
  const [days, setDays] = useState(30)
  const [allowSensitive, setAllowSensitive] = useState(false)
  const errors = formErrors(create.error)
  if (create.data) {
    return (
      <Page title="API token created">
        <p>Copy the token now: it is shown this once, and stored nowhere.</p>
        <p>
          <Copyable text={create.data.token} what="API token" />
        </p>
        <p>
          <Link to={paths.apiTokens()}>Back to API tokens</Link>
        </p>
      </Page>
    )
  }
  const save = () => {
    if (!roleId) return
    create.mutate({ input: { name: name.trim(), roleId, expiresInDays: days, allowSensitive } })
  }
  return (
    <Page title="New API token">
      <Form
        submit="Create API token"
        onSubmit={save}
        onCancel={() => void navigate(paths.apiTokens())}
        busy={create.isPending}
        errors={errors}
        blocked={
          name.trim() === '' ? 'Give it a name.' : roleId === null ? 'Choose a role.' : undefined
        }
        impact={
          <p>It can do what the role permits, where you may do it yourself at that moment.</p>
        }
      >
        <TextInput
          {...field('name', errors)}
          label="Name"
          description="What will use it."
          maxLength={100}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          {...field('roleId', errors)}
          label="Role"
          searchable
          data={roles.map(({ id, name: label }) => ({ value: id, label }))}
          value={roleId}
          onChange={setRoleId}
        />
        <Select
          {...field('expiresInDays', errors)}
          label="Expires"
          data={[7, 30, 90, 180, 365].map((each) => ({
            value: String(each),
            label: `in ${each} days`,
          }))}
          allowDeselect={false}
          value={String(days)}
          onChange={(next) => setDays(Number(next))}
        />
        <Checkbox
          label="Allow sensitive operations"
          description="What otherwise needs a person's sign-in of the last five minutes."
          checked={allowSensitive}
          onChange={(event) => setAllowSensitive(event.currentTarget.checked)}
        />
      </Form>
    </Page>
  )
}
