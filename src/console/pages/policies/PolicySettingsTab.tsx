import { Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import type { PolicyDetail } from '../../../contract/policies.ts'
import { useChange } from '../../api/client.ts'
import { errorsButRace, formErrors } from '../../api/problem.ts'
import { LostRace } from '../../parts/LostRace.tsx'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { useAskedOfPage } from '../../parts/use-asked-of-page.ts'
import { useDraft } from '../../parts/use-draft.ts'
import { paths } from '../../paths.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { field, Form } from '../../ui/Form.tsx'
import { count } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { toast } from '../../ui/toasts.ts'
import { usePolicyHere } from './use-policy.ts'

export function Component() {
  const policy = usePolicyHere()
  return (
    <>
      <Panel title="Name and description">
        <Edit key={policy.id} policy={policy} />
      </Panel>
      <Panel title="Delete policy">
        <Delete policy={policy} />
      </Panel>
    </>
  )
}

function Edit({ policy }: { policy: PolicyDetail }) {
  const { draft, touched, version, set, follow } = useDraft(policy, (from) => ({
    name: from.name,
    description: from.description,
  }))
  const { name, description } = draft
  const change = useChange('policies.update')
  const errors = errorsButRace(change.error)
  const save = (over: number) =>
    change.mutate(
      { input: { policyId: policy.id, name: name.trim(), description }, version: over },
      {
        onSuccess: (saved) => {
          follow(saved)
          toast(`Policy ${saved.name} is saved.`)
        },
      },
    )
  const blocked = !policy.allowed.includes('policy:update')
    ? 'You need the permission policy:update here.'
    : !touched
      ? 'Nothing is changed.'
      : undefined
  return (
    <>
      <Form
        submit="Save policy"
        onSubmit={() => save(version)}
        busy={change.isPending}
        errors={errors}
        blocked={blocked}
      >
        <TextInput
          {...field('name', errors)}
          label="Name"
          maxLength={120}
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
      </Form>
      <LostRace
        change={change}
        mine={{ name: name.trim(), description }}
        told={(theirs) => ({ name: theirs.name, description: theirs.description })}
        save={save}
        follow={follow}
      />
    </>
  )
}

function Delete({ policy }: { policy: PolicyDetail }) {
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const [asked, setAsked] = useState(false)
  const enforced = policy.mode === 'enforce'
  // A finding's fix asks at once.
  const may = policy.allowed.includes('policy:delete') && !enforced
  useAskedOfPage(params.get('delete'), may, () => setAsked(true))
  const remove = useChange('policies.remove')
  const confirm = () =>
    remove.mutate(
      { input: { policyId: policy.id }, version: policy.version },
      {
        onSuccess: () => {
          toast(`Policy ${policy.name} is deleted.`)
          void navigate(paths.policies())
        },
      },
    )
  const loss = `${count(policy.currentVersion, 'version')} of its text`
  return (
    <>
      <p>Its decisions and events stay in the record; {loss} do not. There is no undo.</p>
      <AllowedAction
        danger
        allowed={policy.allowed}
        may="policy:delete"
        blocked={enforced ? 'It is enforced; end its enforcement first.' : undefined}
        onClick={() => setAsked(true)}
      >
        Delete policy
      </AllowedAction>
      <ConfirmDanger
        title={`Delete ${policy.name}`}
        name={policy.name}
        opened={asked}
        onClose={() => setAsked(false)}
        onConfirm={confirm}
        verb="Delete policy"
        busy={remove.isPending}
        errors={formErrors(remove.error)}
      >
        {loss} go with it. There is no undo.
      </ConfirmDanger>
    </>
  )
}
