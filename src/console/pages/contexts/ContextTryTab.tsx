import { Checkbox, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Suspense, lazy, useState } from 'react'
import { useSearchParams } from 'react-router'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { OutcomeBadge } from '../../parts/OutcomeBadge.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { field, Form } from '../../ui/Form.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { useContextHere } from './use-context.ts'

/** An imagined run is decided on exactly as a real one; nothing is recorded and nothing disclosed. */
const DecisionTrace = lazy(() =>
  import('../../parts/DecisionTrace.tsx').then((module) => ({ default: module.DecisionTrace })),
)

export function Component() {
  const context = useContextHere()
  const [params] = useSearchParams()
  const [projectId, setProjectId] = useState(params.get('projectId') ?? '')
  const [branch, setBranch] = useState('main')
  const [tag, setTag] = useState('')
  const [ip, setIp] = useState('')
  const [runnerClass, setRunnerClass] = useState('')
  const [fromFork, setFromFork] = useState(false)
  const [sshRerun, setSshRerun] = useState(false)
  const options = useQuery(query('contexts.options', {})).data
  const attempt = useChange('contexts.tryRun')
  const errors = formErrors(attempt.error)
  const decide = () =>
    attempt.mutate({
      input: {
        contextId: context.id,
        projectId,
        fromFork,
        sshRerun,
        ...(branch && { branch }),
        ...(tag && { tag }),
        ...(ip && { ip }),
        ...(runnerClass && { runnerClass }),
      },
    })
  const text = (label: string, path: string, value: string, set: (value: string) => void) => (
    <TextInput
      {...field(path, errors)}
      label={label}
      classNames={{ input: 'sp-mono' }}
      value={value}
      onChange={(event) => set(event.currentTarget.value.trim())}
    />
  )
  return (
    <>
      <Form
        submit="Try run"
        onSubmit={decide}
        busy={attempt.isPending}
        errors={errors}
        blocked={projectId === '' ? 'Choose a project.' : undefined}
      >
        <Select
          {...field('projectId', errors)}
          label="Project"
          searchable
          data={(options?.projects ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={projectId || null}
          onChange={(next) => setProjectId(next ?? '')}
        />
        {text('Branch', 'branch', branch, setBranch)}
        {text('Tag', 'tag', tag, setTag)}
        {text('Address of the runner', 'ip', ip, setIp)}
        {text('Runner class', 'runnerClass', runnerClass, setRunnerClass)}
        <Checkbox
          label="Started from a fork"
          checked={fromFork}
          onChange={(event) => setFromFork(event.currentTarget.checked)}
        />
        <Checkbox
          label="Run again with SSH"
          checked={sshRerun}
          onChange={(event) => setSshRerun(event.currentTarget.checked)}
        />
      </Form>
      <div aria-live="polite">
        {attempt.data ? (
          <Panel
            title={attempt.data.sentence}
            aside={
              <OutcomeBadge
                outcome={attempt.data.wouldDeny ? 'would_deny' : attempt.data.outcome}
              />
            }
          >
            <Suspense>
              <DecisionTrace layers={attempt.data.layers} />
            </Suspense>
          </Panel>
        ) : (
          <Empty title="No run tried yet">
            Say what the run would be. The decision shows every layer that admits or refuses it.
          </Empty>
        )}
      </div>
    </>
  )
}
