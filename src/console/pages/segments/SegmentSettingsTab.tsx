import { keepPreviousData, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useParams, useSearchParams } from 'react-router'
import type { Segment } from '../../../contract/segments.ts'
import { query, useChange } from '../../api/client.ts'
import { ApiError, errorsButRace, formErrors } from '../../api/problem.ts'
import { LostRace } from '../../parts/LostRace.tsx'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { Impact } from '../../parts/Impact.tsx'
import { useAskedOfPage } from '../../parts/use-asked-of-page.ts'
import { useDraft } from '../../parts/use-draft.ts'
import { paths } from '../../paths.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { Form } from '../../ui/Form.tsx'
import { count } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { same } from '../../ui/same.ts'
import { toast } from '../../ui/toasts.ts'
import { useSettled } from '../../ui/use-settled.ts'
import { SegmentFields, type SegmentDraft } from './SegmentFields.tsx'

export function Component() {
  const { segmentId = '' } = useParams()
  const segment = useSuspenseQuery(query('segments.view', { segmentId })).data
  return (
    <>
      <Panel title="What the segment is">
        <Edit segment={segment} />
      </Panel>
      <Panel title="Delete segment">
        <Delete segment={segment} />
      </Panel>
    </>
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
  const [params] = useSearchParams()
  // A finding's fix leads here with the networks that its runs came from.
  useAskedOfPage(params.get('ranges'), true, (ranges) => {
    if (segment.cidrs.length === 0) set({ cidrs: ranges.split(' ') })
  })
  const change = useChange('segments.update')
  const errors = errorsButRace(change.error)
  const preview = usePreview(segment, draft)
  // What saving would refuse is told at its field before.
  const told = errors.length > 0 ? errors : (preview?.wrong ?? [])
  const save = (version: number) =>
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
    <>
      <Form
        submit="Save segment"
        onSubmit={() => save(version)}
        busy={change.isPending}
        errors={errors}
        blocked={
          segment.allowed.includes('segment:update')
            ? touched
              ? undefined
              : 'Nothing is changed.'
            : 'You need the permission segment:update here.'
        }
        impact={touched && <Changed segment={segment} preview={preview} />}
      >
        <SegmentFields key={version} draft={draft} onChange={set} errors={told} />
      </Form>
      <LostRace change={change} mine={draft} told={draftOf} save={save} follow={follow} />
    </>
  )
}

/** Which uses another place of its runs would have turned, those of others too; nothing is asked while none is meant. */
function usePreview(segment: Segment, draft: SegmentDraft) {
  const { cidrs, runnerClasses } = useSettled(draft, 300)
  const moved = !same(cidrs, segment.cidrs) || !same(runnerClasses, segment.runnerClasses)
  const { data, error } = useQuery({
    ...query('segments.preview', { segmentId: segment.id, cidrs, runnerClasses }),
    enabled: moved && segment.allowed.includes('segment:update'),
    placeholderData: keepPreviousData,
  })
  if (!moved) return undefined
  const wrong = error instanceof ApiError && error.problem.code === 'invalid_input'
  return wrong ? { wrong: formErrors(error) } : { data, error }
}

/** Whom it concerns, and what it would have changed. */
function Changed({
  segment,
  preview,
}: {
  segment: Segment
  preview: ReturnType<typeof usePreview>
}) {
  if (preview?.wrong) return null
  return (
    <>
      <p>
        It counts for the next run of {count(segment.projects, 'project')} and for every ask for{' '}
        {count(segment.contexts, 'context')}.
      </p>
      {preview && <Impact impact={preview.data} error={preview.error} what="uses" />}
    </>
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
