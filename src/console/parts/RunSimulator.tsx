import { Checkbox, Select, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useSearchParams } from 'react-router'
import { call } from '../api/client.ts'
import { formErrors } from '../api/problem.ts'
import { Empty } from '../ui/Empty.tsx'
import { field, Form } from '../ui/Form.tsx'
import { Skeletons } from '../ui/Skeletons.tsx'
import { patchParams } from '../ui/use-url-state.ts'
import { askOf, paramsOfRun, runFromParams, type RunDraft } from './run-draft.ts'
import { PickOne } from './PickOne.tsx'
import classes from './RunSimulator.module.css'
import type { TokenTold } from './RunFromToken.tsx'

const RunTold = lazy(() => import('./RunTold.tsx').then((m) => ({ default: m.RunTold })))
const RunFromToken = lazy(() =>
  import('./RunFromToken.tsx').then((m) => ({ default: m.RunFromToken })),
)

const unknowns: { value: RunDraft['protectedRef']; label: string }[] = [
  { value: '', label: 'Not known' },
  { value: 'true', label: 'Protected' },
  { value: 'false', label: 'Not protected' },
]

/**
 * An imagined run, decided on exactly as a real one; nothing is recorded and nothing disclosed. What was tried stands in the
 * URL. On a context's page the context is given.
 */
export function RunSimulator({ contextId: given }: { readonly contextId?: string }) {
  const [params, setParams] = useSearchParams()
  const [run, setRun] = useState(() => runFromParams(params))
  const [chosen, setContext] = useState(params.get('contextId') ?? '')
  const [told, setTold] = useState<TokenTold>()
  const contextId = given ?? chosen
  const attempt = useMutation({ mutationFn: () => call('contexts.tryRun', askOf(run, contextId)) })
  const errors = formErrors(attempt.error)
  const set = (part: Partial<RunDraft>) => {
    setRun({ ...run, ...part })
    // What a token said is no longer what is asked.
    setTold(undefined)
  }
  const decide = () => {
    const next = { ...paramsOfRun(run), ...(given === undefined && { contextId }) }
    setParams((before) => patchParams(before, next), { replace: true, preventScrollReset: true })
    attempt.mutate()
  }
  const text = (
    label: string,
    name: 'branch' | 'tag' | 'ip' | 'runnerClass' | 'actorLogin' | 'environment' | 'trigger',
  ) => (
    <TextInput
      {...field(name, errors)}
      label={label}
      classNames={{ input: 'sp-mono' }}
      autoComplete="off"
      spellCheck={false}
      maxLength={255}
      value={run[name]}
      onChange={(event) => set({ [name]: event.currentTarget.value.trim() })}
    />
  )
  return (
    <div className={classes.columns}>
      <Form
        submit="Try run"
        onSubmit={decide}
        busy={attempt.isPending}
        errors={errors}
        blocked={
          contextId === ''
            ? 'Choose a context.'
            : run.projectId === ''
              ? 'Choose a project.'
              : undefined
        }
      >
        {given === undefined && (
          <PickOne
            kind="context"
            label="Context"
            value={chosen || null}
            onChange={(next) => setContext(next ?? '')}
          />
        )}
        <PickOne
          {...field('projectId', errors)}
          kind="project"
          label="Project"
          value={run.projectId || null}
          onChange={(next) => set({ projectId: next ?? '' })}
        />
        <div className={classes.pair}>
          {text('Branch', 'branch')}
          {text('Tag', 'tag')}
          {text('Actor', 'actorLogin')}
          {text('Environment', 'environment')}
          {text('Address of the runner', 'ip')}
          {text('Runner class', 'runnerClass')}
          {text('Trigger', 'trigger')}
          <Select
            label="Branch or tag is"
            data={unknowns}
            allowDeselect={false}
            value={run.protectedRef}
            onChange={(protectedRef) => set({ protectedRef: protectedRef ?? '' })}
          />
        </div>
        <Checkbox
          label="Started from a fork"
          checked={run.fromFork}
          onChange={(event) => set({ fromFork: event.currentTarget.checked })}
        />
        <Checkbox
          label="Run again with SSH"
          checked={run.sshRerun}
          onChange={(event) => set({ sshRerun: event.currentTarget.checked })}
        />
        <Suspense>
          <RunFromToken
            onRead={(read) => {
              setTold(read)
              setRun({ ...read.run, projectId: read.run.projectId || run.projectId, ip: run.ip })
            }}
          />
        </Suspense>
      </Form>
      <div aria-live="polite" className={classes.answer}>
        {attempt.data ? (
          <Suspense fallback={<Skeletons lines={8} />}>
            <RunTold told={attempt.data} token={told} />
          </Suspense>
        ) : (
          <Empty title="No run tried yet">
            Say what the run would be. What is left blank is unknown, and unknown denies. The answer
            shows every clause that admits or refuses it.
          </Empty>
        )}
      </div>
    </div>
  )
}
