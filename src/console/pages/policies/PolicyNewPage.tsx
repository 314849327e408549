import { Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import type { StarterPolicy } from '../../../contract/policies.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { field, Form } from '../../ui/Form.tsx'
import { Page } from '../../ui/Page.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { toast } from '../../ui/toasts.ts'
import { PolicyEditor } from './PolicyEditor.tsx'
import classes from './PolicyFields.module.css'

export const handle = { crumb: 'New' }

const empty = {
  name: '',
  explanation: '',
  text: '@reason("why, in words that whoever is refused will read")\nforbid (principal, action, resource)\nwhen { false };\n',
}

export function Component() {
  const [params] = useSearchParams()
  const chosen = params.get('starter')
  const library = useQuery(query('policies.starters', {}))
  const starter = library.data?.items.find(({ id }) => id === chosen)
  return (
    <Page title="New policy">
      <ProblemNotice error={library.error} />
      {chosen !== null && library.isPending ? (
        <Skeletons lines={8} />
      ) : (
        <NewPolicy key={starter?.id ?? ''} from={starter ?? empty} starter={starter} />
      )}
    </Page>
  )
}

function NewPolicy(props: {
  from: Pick<StarterPolicy, 'name' | 'explanation' | 'text'>
  starter: StarterPolicy | undefined
}) {
  const { from, starter } = props
  const navigate = useNavigate()
  const create = useChange('policies.create')
  const [name, setName] = useState(from.name)
  const [description, setDescription] = useState(from.explanation)
  const [text, setText] = useState(from.text)
  const errors = formErrors(create.error)
  const save = () =>
    create.mutate(
      { input: { name: name.trim(), description, text, ...(starter && { starter: starter.id }) } },
      {
        onSuccess: (made) => {
          toast(`Policy ${made.name} is a draft. Put it into evaluate mode to see what it denies.`)
          void navigate(paths.policy(made.id))
        },
      },
    )
  return (
    <Form
      submit="Create draft"
      wide
      onSubmit={save}
      onCancel={() => void navigate(paths.policies())}
      busy={create.isPending}
      errors={errors}
      blocked={name.trim() === '' ? 'Give it a name.' : undefined}
      impact={
        <p>
          A draft decides nothing. You try it in evaluate mode next.
          {starter && ` Its ${starter.examples.length} examples come along as tests.`}
        </p>
      }
    >
      <div className={classes.fields}>
        <TextInput
          {...field('name', errors)}
          label="Name"
          description="It stands in the sentence that a refused person reads."
          maxLength={120}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          {...field('description', errors)}
          label="Description"
          description="What it forbids and why, for people who do not read policies."
          autosize
          minRows={2}
          maxLength={2000}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
      </div>
      <PolicyEditor value={text} onChange={setText} />
    </Form>
  )
}
