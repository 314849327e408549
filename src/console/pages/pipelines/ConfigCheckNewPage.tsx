import { Button, Select, TextInput } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import type { CallOf, OutputOf } from '../../../contract/index.ts'
import type { Provider } from '../../../contract/projects.ts'
import { query, useChange } from '../../api/client.ts'
import { PickOne } from '../../parts/PickOne.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { Code } from '../../ui/Code.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { toast } from '../../ui/toasts.ts'
import { useSettled } from '../../ui/use-settled.ts'
import { providerNames } from './check-status.ts'
import { CheckStatusBadge } from './CheckStatusBadge.tsx'
import classes from './pipelines.module.css'

const ConfigFactTables = lazy(() =>
  import('./ConfigFactTables.tsx').then((module) => ({ default: module.ConfigFactTables })),
)
const FromJob = lazy(() => import('./FromJob.tsx').then((module) => ({ default: module.FromJob })))

const Violations = lazy(() =>
  import('./Violations.tsx').then((module) => ({ default: module.Violations })),
)

export const handle = { crumb: 'Check a config' }

type Asked = CallOf<'pipelines.preview'>
/** What is not told is not known, and never counts as allowed. */
type Told = '' | 'true' | 'false'
const told = [
  { value: '', label: 'Not told' },
  { value: 'false', label: 'No' },
  { value: 'true', label: 'Yes' },
]
/** Waits until the typing rests. */
const restMs = 400

export function Component() {
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const [project, setProject] = useState(params.get('project') ?? '')
  const [chosen, setChosen] = useState<Provider | ''>('')
  const [branch, setBranch] = useState('main')
  const [fork, setFork] = useState<Told>('false')
  const [ssh, setSsh] = useState<Told>('false')
  const [text, setText] = useState('')
  const record = useChange('pipelines.check')
  const own = useQuery({
    ...query('projects.view', { projectId: project }),
    enabled: project !== '',
  }).data?.provider
  const provider = chosen || own
  const asked: Asked = {
    project,
    text,
    ...(provider && { provider }),
    ...(branch && { branch }),
    ...(fork && { fromFork: fork === 'true' }),
    ...(ssh && { sshRerun: ssh === 'true' }),
  }
  const settled = useSettled(asked, restMs)
  const ready = settled.project !== '' && settled.text.trim() !== ''
  const preview = useQuery({
    ...query('pipelines.preview', settled),
    enabled: ready,
    placeholderData: keepPreviousData,
    retry: false,
  })
  const save = () =>
    record.mutate(
      { input: asked },
      {
        onSuccess: ({ id }) => {
          toast('The check is recorded.')
          void navigate(paths.check(id))
        },
      },
    )
  return (
    <Page
      title="Check a config"
      purpose="Paste a CI config and see, as you type, what it says and which rules it breaks. Nothing is recorded until you say so."
      action={
        <Button variant="filled" onClick={save} loading={record.isPending} disabled={!ready}>
          Record check
        </Button>
      }
    >
      <ProblemNotice error={record.error} />
      <div className={classes.fields}>
        <PickOne
          kind="project"
          label="Project"
          placeholder="Choose a project"
          value={project || null}
          onChange={(next) => {
            setProject(next ?? '')
            setChosen('')
          }}
        />
        <Select
          label="CI system"
          data={Object.entries(providerNames).map(([value, label]) => ({ value, label }))}
          value={provider ?? null}
          onChange={(next) => setChosen((next ?? '') as Provider | '')}
        />
        <TextInput
          label="Branch"
          classNames={{ input: 'sp-mono' }}
          value={branch}
          onChange={(event) => setBranch(event.currentTarget.value.trim())}
        />
        <Select
          label="Started from a fork"
          data={told}
          value={fork}
          allowDeselect={false}
          onChange={(next) => setFork((next ?? '') as Told)}
        />
        <Select
          label="Rerun with SSH"
          data={told}
          value={ssh}
          allowDeselect={false}
          onChange={(next) => setSsh((next ?? '') as Told)}
        />
      </div>
      <div className={classes.sides}>
        <Panel title="Config" flush>
          <Code label="Config" value={text} onChange={setText} minLines={24} />
        </Panel>
        <div className={classes.side} aria-live="polite">
          {ready && preview.error ? (
            <ProblemNotice error={preview.error} />
          ) : ready && preview.data ? (
            <Result found={preview.data} />
          ) : (
            <Empty title="Nothing to check yet">Choose a project and paste its config.</Empty>
          )}
        </div>
      </div>
      <Suspense>
        {ready && preview.data && !preview.error && <ConfigFactTables facts={preview.data.facts} />}
        {settled.text.trim() === '' && (
          <Panel title="Have a job check its own">
            <FromJob />
          </Panel>
        )}
      </Suspense>
    </Page>
  )
}

function Result({ found }: { found: OutputOf<'pipelines.preview'> }) {
  return (
    <>
      <Panel
        title="Result"
        aside={<CheckStatusBadge status={found.decision.status} wouldFail={found.wouldFail} />}
      >
        <p>{found.sentence}</p>
      </Panel>
      <Suspense>
        <Violations violations={found.violations} more={found.more} brief />
      </Suspense>
    </>
  )
}
