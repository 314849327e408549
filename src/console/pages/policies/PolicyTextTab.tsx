import { useDraft } from '../../parts/use-draft.ts'
import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import type { PolicyDetail } from '../../../contract/policies.ts'
import { useChange } from '../../api/client.ts'
import { errorsButRace } from '../../api/problem.ts'
import { LostRace } from '../../parts/LostRace.tsx'
import { paths } from '../../paths.ts'
import { field, Form } from '../../ui/Form.tsx'
import { toast } from '../../ui/toasts.ts'
import { PolicyEditor } from './PolicyEditor.tsx'
import classes from './PolicyFields.module.css'
import { PolicyUsagePanel } from './PolicyUsagePanel.tsx'
import { TypedImpact } from './TypedImpact.tsx'
import { usePolicyHere } from './use-policy.ts'

export function Component() {
  const policy = usePolicyHere()
  return <Edit key={policy.id} policy={policy} />
}

function Edit({ policy }: { policy: PolicyDetail }) {
  const { draft, touched, version, set, follow } = useDraft(policy, ({ text }) => ({ text }))
  const { text } = draft
  const [summary, setSummary] = useState('')
  const change = useChange('policies.update')
  const errors = errorsButRace(change.error)
  const save = (over: number) =>
    change.mutate(
      { input: { policyId: policy.id, text, summary: summary.trim() }, version: over },
      {
        onSuccess: (saved) => {
          follow(saved)
          setSummary('')
          toast(`Version ${saved.currentVersion} of ${saved.name} is written.`)
        },
      },
    )
  const may = policy.allowed.includes('policy:update')
  return (
    <>
      <InForce policy={policy} />
      <Form
        submit="Write new version"
        wide
        onSubmit={() => save(version)}
        busy={change.isPending}
        errors={errors}
        blocked={
          !may
            ? 'You need the permission policy:update here.'
            : !touched
              ? 'Nothing is changed.'
              : undefined
        }
      >
        <PolicyEditor
          policyId={policy.id}
          value={text}
          {...(may && { onChange: (typed: string) => set({ text: typed }) })}
        />
        {may && (
          <div className={classes.fields}>
            <TextInput
              {...field('summary', errors)}
              label="What changed"
              description="One line for the list of versions."
              maxLength={200}
              autoComplete="off"
              value={summary}
              onChange={(event) => setSummary(event.currentTarget.value)}
            />
          </div>
        )}
      </Form>
      {may && <TypedImpact policyId={policy.id} text={text} />}
      <PolicyUsagePanel policy={policy} />
      <LostRace
        change={change}
        mine={{ text }}
        told={(theirs) => ({ text: theirs.text })}
        save={save}
        follow={follow}
      />
    </>
  )
}

/** What is written is not always what is in force. */
function InForce({ policy }: { policy: PolicyDetail }) {
  if (policy.textInForce === null || policy.versionInForce === null) return null
  const compare = { from: policy.versionInForce, until: policy.currentVersion }
  return (
    <p>
      Version {policy.versionInForce} is in force, not this one.{' '}
      <Link to={paths.policy(policy.id, 'versions', compare)}>See what differs</Link>, or{' '}
      <Link to={paths.policy(policy.id, 'enforcement')}>put this one into force</Link>.
    </p>
  )
}
