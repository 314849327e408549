import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { paths } from '../../paths.ts'
import { Form } from '../../ui/Form.tsx'
import { Page } from '../../ui/Page.tsx'
import { toast } from '../../ui/toasts.ts'
import { missingOf, ProjectFields, type ProjectDraft } from './ProjectFields.tsx'

export const handle = { crumb: 'New' }

const blank: ProjectDraft = {
  name: '',
  slug: '',
  provider: 'circleci',
  repository: '',
  defaultBranch: 'main',
  segmentId: '',
  teamId: null,
  externalId: null,
}

export function Component() {
  const navigate = useNavigate()
  const [draft, setDraft] = useState(blank)
  const create = useChange('projects.create')
  const errors = formErrors(create.error)
  const save = () =>
    create.mutate(
      { input: { ...draft, name: draft.name.trim() } },
      {
        onSuccess: (made) => {
          toast(`Project ${made.name} is added.`)
          void navigate(paths.project(made.id))
        },
      },
    )
  return (
    <Page title="New project">
      <Form
        submit="Add project"
        onSubmit={save}
        onCancel={() => void navigate(paths.projects())}
        busy={create.isPending}
        errors={errors}
        blocked={missingOf(draft)}
      >
        <ProjectFields draft={draft} onChange={setDraft} errors={errors} />
      </Form>
    </Page>
  )
}
