import { Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { paths } from '../../paths.ts'
import { field, Form } from '../../ui/Form.tsx'
import { Page } from '../../ui/Page.tsx'
import { toast } from '../../ui/toasts.ts'

export const handle = { crumb: 'New' }

export function Component() {
  const navigate = useNavigate()
  const create = useChange('contexts.create')
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const errors = formErrors(create.error)
  const save = () =>
    create.mutate(
      { input: { name: name.trim(), description } },
      {
        onSuccess: (made) => {
          toast(`Context ${made.name} is created. It is closed until it has a restriction.`)
          void navigate(paths.context(made.id))
        },
      },
    )
  return (
    <Page title="New context">
      <Form
        submit="Create context"
        onSubmit={save}
        onCancel={() => void navigate(paths.contexts())}
        busy={create.isPending}
        errors={errors}
        blocked={name.trim() === '' ? 'Give it a name.' : undefined}
        impact={<p>No run may use it until it has a restriction.</p>}
      >
        <TextInput
          {...field('name', errors)}
          label="Name"
          description="As pipelines refer to it: at most 200 characters."
          maxLength={200}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          {...field('description', errors)}
          label="Description"
          description="What it is for, and whom to ask."
          autosize
          minRows={2}
          maxLength={2000}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
      </Form>
    </Page>
  )
}
