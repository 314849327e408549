import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useParams, useSearchParams } from 'react-router'
import type { Project } from '../../../contract/projects.ts'
import { query, useChange } from '../../api/client.ts'
import { errorsButRace, formErrors } from '../../api/problem.ts'
import { LostRace } from '../../parts/LostRace.tsx'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { useDraft } from '../../parts/use-draft.ts'
import { useAskedOfPage } from '../../parts/use-asked-of-page.ts'
import { paths } from '../../paths.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { Form } from '../../ui/Form.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { toast } from '../../ui/toasts.ts'
import { missingOf, ProjectFields, type ProjectDraft } from './ProjectFields.tsx'

export function Component() {
  const { projectId = '' } = useParams()
  const project = useSuspenseQuery(query('projects.view', { projectId })).data
  return (
    <>
      <Panel title="What the project is">
        <Edit project={project} />
      </Panel>
      <Panel title="Remove project">
        <Remove project={project} />
      </Panel>
    </>
  )
}

function draftOf(project: Project): ProjectDraft {
  const { name, slug, provider, repository, defaultBranch, externalId, segment, team } = project
  const ids = { segmentId: segment.id, teamId: team?.id ?? null }
  return { name, slug, provider, repository, defaultBranch, externalId, ...ids }
}

function Edit({ project }: { readonly project: Project }) {
  const { draft, touched, base, version, set, follow } = useDraft(project, draftOf)
  const [params] = useSearchParams()
  // A finding's fix leads here with the team that owns most of what it uses.
  useAskedOfPage(params.get('team'), true, (teamId) => {
    if (project.team === null) set({ teamId })
  })
  const options = useQuery(query('contexts.options', {})).data
  const told = ({ segmentId, teamId, ...rest }: ProjectDraft) => ({
    ...rest,
    segment: options?.segments.find(({ id }) => id === segmentId)?.name ?? segmentId,
    team: options?.teams.find(({ id }) => id === teamId)?.name ?? teamId,
  })
  const change = useChange('projects.update')
  const errors = errorsButRace(change.error)
  const { provider: _, ...changes } = draft
  const save = (version: number) =>
    change.mutate(
      { input: { projectId: project.id, ...changes }, version },
      {
        onSuccess: (saved) => {
          follow(saved)
          toast(`Project ${saved.name} is saved.`)
        },
      },
    )
  const denied = !project.allowed.includes('project:update')
  return (
    <>
      <Form
        submit="Save project"
        onSubmit={() => save(version)}
        busy={change.isPending}
        errors={errors}
        blocked={
          denied
            ? 'You need the permission project:update here.'
            : touched
              ? missingOf(draft)
              : 'Nothing is changed.'
        }
        impact={
          draft.segmentId !== base.segment.id && (
            <p>
              Contexts that are restricted to a segment admit its runs by the new one from now on.
            </p>
          )
        }
      >
        <ProjectFields made draft={draft} onChange={set} errors={errors} />
      </Form>
      <LostRace
        change={change}
        mine={told(draft)}
        told={(theirs) => told(draftOf(theirs))}
        save={save}
        follow={follow}
      />
    </>
  )
}

function Remove({ project }: { readonly project: Project }) {
  const navigate = useNavigate()
  const [asked, setAsked] = useState(false)
  const remove = useChange('projects.remove')
  const confirm = () =>
    remove.mutate(
      { input: { projectId: project.id }, version: project.version },
      {
        onSuccess: () => {
          toast(`Project ${project.name} is removed.`)
          void navigate(paths.projects())
        },
      },
    )
  return (
    <>
      <p>Its runs are refused from then on. The record of what it did stays.</p>
      <AllowedAction
        danger
        allowed={project.allowed}
        may="project:delete"
        onClick={() => setAsked(true)}
      >
        Remove project
      </AllowedAction>
      <ConfirmDanger
        title={`Remove ${project.name}`}
        name={project.name}
        opened={asked}
        onClose={() => setAsked(false)}
        onConfirm={confirm}
        verb="Remove project"
        busy={remove.isPending}
        errors={formErrors(remove.error)}
      >
        Its runs are refused from then on.
      </ConfirmDanger>
    </>
  )
}
