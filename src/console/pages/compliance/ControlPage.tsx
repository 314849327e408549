import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { Link, useParams, type LoaderFunctionArgs } from 'react-router'
import type { Control } from '../../../contract/compliance.ts'
import { query } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { DataList } from '../../ui/DataList.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { count } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { PrintButton } from '../../ui/PrintButton.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { ControlCheck } from './ControlCheck.tsx'
import { ControlHistory } from './ControlHistory.tsx'
import { ControlStateBadge } from './ControlStateBadge.tsx'
import { TrailLink } from './TrailLink.tsx'

const ControlForm = lazy(() =>
  import('./ControlForm.tsx').then((module) => ({ default: module.ControlForm })),
)

const one = (controlId: string) => query('compliance.view', { controlId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['controlId'] ?? ''))
}

export const handle = { crumb: (control: Control | undefined) => control?.ref }

export function Component() {
  const { controlId = '' } = useParams()
  const { data: control, error } = useQuery(one(controlId))
  const [editing, setEditing] = useState(false)
  if (!control) {
    return (
      <Page title="Control">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}
      </Page>
    )
  }
  const { checks } = control
  return (
    <Page
      title={`${control.ref} ${control.title}`}
      aside={<ControlStateBadge state={control.state} />}
      action={
        <Group gap="xs" className="sp-screen">
          <TrailLink trail={control.trail} what={control.ref} />
          <PrintButton />
          <AllowedAction
            allowed={control.allowed}
            may="compliance:update"
            primary
            onClick={() => setEditing(true)}
          >
            Set owner and note
          </AllowedAction>
        </Group>
      }
      facts={
        <Facts
          of={{
            Framework: (
              <Link to={paths.compliance({ framework: control.framework })}>
                {control.frameworkName}
              </Link>
            ),
            Owner: control.owner ? <PersonLink person={control.owner} /> : 'Nobody yet',
            Recorded: <Time at={control.recordedAt} never="not yet" />,
          }}
        />
      }
    >
      <Panel title="What it asks, and what speaks to it">
        <p>
          <strong>{control.summary}</strong>
        </p>
        <p>{control.speaks}</p>
        {control.beyond && <p className="sp-dim">{control.beyond}</p>}
      </Panel>
      {checks.map((check) => (
        <ControlCheck key={check.id} check={check} />
      ))}
      {checks.length === 0 && (
        <p role="status">Nothing that the product knows says whether it is met.</p>
      )}
      <Panel title="Note">
        {control.note ? (
          <p style={{ whiteSpace: 'pre-wrap' }}>{control.note}</p>
        ) : (
          <p className="sp-dim">
            Nobody has noted anything: what the product cannot know stands here.
          </p>
        )}
      </Panel>
      <Touching control={control} />
      <ControlHistory control={control} />
      {editing && (
        <Suspense>
          <ControlForm control={control} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </Page>
  )
}

function Touching({ control: { findings, moreFindings } }: { readonly control: Control }) {
  return (
    <Panel
      title="Open findings that touch it"
      aside={
        moreFindings > 0 && <span className="sp-dim">and {count(moreFindings, 'further one')}</span>
      }
      flush
    >
      {findings.length === 0 ? (
        <p className="sp-dim" style={{ padding: 'var(--sp-3) var(--sp-4)' }}>
          None of what is looked for stands open here.
        </p>
      ) : (
        <DataList
          label="Open findings that touch it"
          heads={['Severity', 'Finding']}
          rows={findings.map(({ id, says, severity }) => ({
            key: id,
            cells: {
              Severity: <Status is={severity} />,
              Finding: <Link to={paths.finding(id)}>{says}</Link>,
            },
          }))}
        />
      )}
    </Panel>
  )
}
