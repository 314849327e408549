import { Select, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import type { Context } from '../../../contract/contexts.ts'
import { query, useChange } from '../../api/client.ts'
import { errorsButRace, formErrors } from '../../api/problem.ts'
import { LostRace } from '../../parts/LostRace.tsx'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { useDraft } from '../../parts/use-draft.ts'
import { useAskedOfPage } from '../../parts/use-asked-of-page.ts'
import { paths } from '../../paths.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { field, Form } from '../../ui/Form.tsx'
import { count } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { toast } from '../../ui/toasts.ts'
import { Audiences } from './Audiences.tsx'
import { useContextHere } from './use-context.ts'

export function Component() {
  const context = useContextHere()
  return (
    <>
      <Panel title="What the context is">
        <Edit context={context} />
      </Panel>
      <Panel title="Federated tokens">
        <Audiences context={context} />
      </Panel>
      <Panel title="Delete context">
        <Delete context={context} />
      </Panel>
    </>
  )
}

function Edit({ context }: { context: Context }) {
  const { draft, touched, version, set, follow } = useDraft(context, (from) => ({
    name: from.name,
    description: from.description,
    teamId: from.team?.id ?? null,
  }))
  const [params] = useSearchParams()
  // A finding's fix leads here with the team that owns most of what uses it.
  useAskedOfPage(params.get('team'), true, (teamId) => {
    if (context.team === null) set({ teamId })
  })
  const { name, description, teamId } = draft
  const teams = useQuery(query('contexts.options', {})).data?.teams ?? []
  const teamName = (id: string | null) => teams.find((team) => team.id === id)?.name ?? 'none'
  const change = useChange('contexts.update')
  const errors = errorsButRace(change.error)
  const save = (over: number) =>
    change.mutate(
      { input: { contextId: context.id, name: name.trim(), description, teamId }, version: over },
      {
        onSuccess: (saved) => {
          follow(saved)
          toast(`Context ${saved.name} is saved.`)
        },
      },
    )
  const denied = !context.allowed.includes('context:update')
  return (
    <>
      <Form
        submit="Save context"
        onSubmit={() => save(version)}
        busy={change.isPending}
        errors={errors}
        blocked={
          denied
            ? 'You need the permission context:update here.'
            : !touched
              ? 'Nothing is changed.'
              : undefined
        }
        impact={
          name.trim() !== context.name && (
            <p>Pipelines that refer to {context.name} find it no more under that name.</p>
          )
        }
      >
        <TextInput
          {...field('name', errors)}
          label="Name"
          maxLength={200}
          autoComplete="off"
          value={name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <Textarea
          {...field('description', errors)}
          label="Description"
          autosize
          minRows={2}
          maxLength={2000}
          value={description}
          onChange={(event) => set({ description: event.currentTarget.value })}
        />
        <Select
          {...field('teamId', errors)}
          label="Owning team"
          description="Its leads decide on who asks for access here, and review who holds it."
          clearable
          searchable
          data={teams.map((team) => ({ value: team.id, label: team.name }))}
          value={teamId}
          onChange={(next) => set({ teamId: next })}
        />
      </Form>
      <LostRace
        change={change}
        mine={{ name: name.trim(), description, team: teamName(teamId) }}
        told={(theirs) => ({
          name: theirs.name,
          description: theirs.description,
          team: theirs.team?.name ?? 'none',
        })}
        save={save}
        follow={follow}
      />
    </>
  )
}

function Delete({ context }: { context: Context }) {
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const [asked, setAsked] = useState(false)
  // A finding's fix asks at once.
  useAskedOfPage(params.get('delete'), context.allowed.includes('context:delete'), () =>
    setAsked(true),
  )
  const remove = useChange('contexts.remove')
  const confirm = () =>
    remove.mutate(
      { input: { contextId: context.id, confirm: context.name }, version: context.version },
      {
        onSuccess: () => {
          toast(`Context ${context.name} is deleted.`)
          void navigate(paths.contexts())
        },
      },
    )
  const loss = `${count(context.secrets, 'secret')} and ${count(context.restrictions, 'restriction')}`
  return (
    <>
      <p>{loss} go with it, with every version. Runs that name it are refused. There is no undo.</p>
      <AllowedAction
        danger
        allowed={context.allowed}
        may="context:delete"
        onClick={() => setAsked(true)}
      >
        Delete context
      </AllowedAction>
      <ConfirmDanger
        title={`Delete ${context.name}`}
        name={context.name}
        opened={asked}
        onClose={() => setAsked(false)}
        onConfirm={confirm}
        verb="Delete context"
        busy={remove.isPending}
        errors={formErrors(remove.error)}
      >
        {loss} go with it. There is no undo.
      </ConfirmDanger>
    </>
  )
}
