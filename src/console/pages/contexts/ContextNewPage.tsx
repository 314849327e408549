import { Select, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { query, useChange } from '../../api/client.ts'
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
  const [segmentId, setSegmentId] = useState<string | null>(null)
  const [teamId, setTeamId] = useState<string | null>(null)
  const options = useQuery(query('contexts.options', {})).data
  const errors = formErrors(create.error)
  const save = () =>
    create.mutate(
      { input: { name: name.trim(), description, segmentId, teamId } },
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
        blocked={
          name.trim() === ''
            ? 'Give it a name.'
            : segmentId === null && options?.mayCreateOutside === false
              ? 'Choose a segment: you may create contexts only there.'
              : undefined
        }
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
        <Select
          {...field('segmentId', errors)}
          label="Segment"
          description="From where its secrets may be asked for."
          clearable
          searchable
          data={(options?.segments ?? [])
            .filter(({ mayCreate }) => mayCreate)
            .map(({ id, name: label }) => ({ value: id, label }))}
          value={segmentId}
          onChange={setSegmentId}
        />
        <Select
          {...field('teamId', errors)}
          label="Owner"
          description="The team to ask."
          clearable
          searchable
          data={(options?.teams ?? []).map(({ id, name: label }) => ({ value: id, label }))}
          value={teamId}
          onChange={setTeamId}
        />
      </Form>
    </Page>
  )
}
