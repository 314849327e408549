import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { paths } from '../../paths.ts'
import { Form } from '../../ui/Form.tsx'
import { Page } from '../../ui/Page.tsx'
import { toast } from '../../ui/toasts.ts'
import { SegmentFields, type SegmentDraft } from './SegmentFields.tsx'

export const handle = { crumb: 'New' }

const blank: SegmentDraft = {
  name: '',
  tier: 'build',
  description: '',
  cidrs: [],
  runnerClasses: [],
}

export function Component() {
  const navigate = useNavigate()
  const [draft, setDraft] = useState(blank)
  const create = useChange('segments.create')
  const errors = formErrors(create.error)
  const save = () =>
    create.mutate(
      { input: { ...draft, name: draft.name.trim() } },
      {
        onSuccess: (made) => {
          toast(`Segment ${made.name} is created.`)
          void navigate(paths.segment(made.id))
        },
      },
    )
  return (
    <Page title="New segment">
      <Form
        submit="Create segment"
        onSubmit={save}
        onCancel={() => void navigate(paths.segments())}
        busy={create.isPending}
        errors={errors}
        blocked={draft.name.trim() === '' ? 'Give it a name.' : undefined}
      >
        <SegmentFields draft={draft} onChange={setDraft} errors={errors} />
      </Form>
    </Page>
  )
}
