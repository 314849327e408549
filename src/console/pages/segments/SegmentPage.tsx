import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useParams, type LoaderFunctionArgs } from 'react-router'
import type { Segment } from '../../../contract/segments.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { useDraft } from '../../parts/use-draft.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { Form } from '../../ui/Form.tsx'
import { count } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'
import { SegmentFields, type SegmentDraft } from './SegmentFields.tsx'
import { TierBadge } from './TierBadge.tsx'

const one = (segmentId: string) => query('segments.view', { segmentId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['segmentId'] ?? ''))
}

export const handle = { crumb: (segment: { name: string } | undefined) => segment?.name }

export function Component() {
  const { segmentId = '' } = useParams()
  const { data: segment, error } = useQuery(one(segmentId))
  if (!segment) {
    return (
      <Page title="Segment">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}
      </Page>
    )
  }
  return (
    <Page
      title={segment.name}
      aside={<TierBadge tier={segment.tier} />}
      facts={
        <Facts
          of={{
            Projects: (
              <Link to={paths.projects({ segmentId })}>{count(segment.projects, 'project')}</Link>
            ),
            Contexts: (
              <Link to={paths.contexts({ segmentId })}>{count(segment.contexts, 'context')}</Link>
            ),
            Created: <Time at={segment.createdAt} />,
          }}
        />
      }
    >
      <Panel title="What the segment is">
        <Edit segment={segment} />
      </Panel>
      <Panel title="Delete segment">
        <Delete segment={segment} />
      </Panel>
    </Page>
  )
}

const draftOf = ({ name, tier, description, cidrs, runnerClasses }: Segment): SegmentDraft => ({
  name,
  tier,
  description,
  cidrs,
  runnerClasses,
})

function Edit({ segment }: { readonly segment: Segment }) {
  const { draft, touched, version, set, follow } = useDraft(segment, draftOf)
  const change = useChange('segments.update')
  const errors = formErrors(change.error)
  const save = () =>
    change.mutate(
      { input: { segmentId: segment.id, ...draft }, version },
      {
        onSuccess: (saved) => {
          follow(saved)
          toast(`Segment ${saved.name} is saved.`)
        },
      },
    )
  return (
    <Form
      submit="Save segment"
      onSubmit={save}
      busy={change.isPending}
      errors={errors}
      blocked={
        segment.allowed.includes('segment:update')
          ? touched
            ? undefined
            : 'Nothing is changed.'
          : 'You need the permission segment:update here.'
      }
      impact={
        touched && (
          <p>
            It counts for the next run of {count(segment.projects, 'project')} and for every ask for{' '}
            {count(segment.contexts, 'context')}.
          </p>
        )
      }
    >
      <SegmentFields key={version} draft={draft} onChange={set} errors={errors} />
    </Form>
  )
}

function Delete({ segment }: { readonly segment: Segment }) {
  const navigate = useNavigate()
  const [asked, setAsked] = useState(false)
  const remove = useChange('segments.remove')
  const held = segment.projects + segment.contexts > 0
  const confirm = () =>
    remove.mutate(
      { input: { segmentId: segment.id }, version: segment.version },
      {
        onSuccess: () => {
          toast(`Segment ${segment.name} is deleted.`)
          void navigate(paths.segments())
        },
      },
    )
  return (
    <>
      <p>Only a segment that holds nothing can be deleted.</p>
      <AllowedAction
        danger
        allowed={segment.allowed}
        may="segment:delete"
        blocked={held ? 'Move its projects and contexts elsewhere first.' : undefined}
        onClick={() => setAsked(true)}
      >
        Delete segment
      </AllowedAction>
      <ConfirmDanger
        title={`Delete ${segment.name}`}
        opened={asked}
        onClose={() => setAsked(false)}
        onConfirm={confirm}
        verb="Delete segment"
        busy={remove.isPending}
        errors={formErrors(remove.error)}
      >
        It holds no project and no context.
      </ConfirmDanger>
    </>
  )
}
