import { Checkbox, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import type { Named } from '../../../contract/id.ts'
import type { CallOf } from '../../../contract/index.ts'
import type {
  ReviewDetail,
  ReviewersKind,
  ReviewScopeKind,
  WithoutAnswer,
} from '../../../contract/reviews.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { PickOne } from '../../parts/PickOne.tsx'
import { PickSeveral } from '../../parts/PickSeveral.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { field, Form } from '../../ui/Form.tsx'
import { count } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { toast } from '../../ui/toasts.ts'
import classes from './reviews.module.css'
import { ReviewPreview } from './ReviewPreview.tsx'
import { usePreview, whyNotStarted } from './use-preview.ts'
import { useEligible } from './use-eligible.ts'

export const handle = { crumb: 'New' }

const kinds: { value: ReviewScopeKind; label: string }[] = [
  { value: 'organization', label: 'Organization' },
  { value: 'team', label: 'Team' },
  { value: 'role', label: 'Role' },
  { value: 'segment', label: 'Segment' },
  { value: 'context', label: 'Context' },
]
const whoReviews: { value: ReviewersKind; label: string }[] = [
  { value: 'leads', label: 'Leads of the team' },
  { value: 'owners', label: 'Leads of the owning team' },
  { value: 'named', label: 'People by name' },
]
const unusedChoices = [
  { value: '', label: 'Used or not' },
  { value: '30', label: 'Not used for 30 days' },
  { value: '90', label: 'Not used for 90 days' },
  { value: '180', label: 'Not used for 180 days' },
]
const dueChoices = [
  { value: '7', label: 'In 7 days' },
  { value: '14', label: 'In 14 days' },
  { value: '30', label: 'In 30 days' },
  { value: '60', label: 'In 60 days' },
]
const remindChoices = [
  { value: '', label: 'No reminder' },
  { value: '2', label: '2 days before' },
  { value: '7', label: '7 days before' },
]
const withoutChoices: { value: WithoutAnswer; label: string }[] = [
  { value: 'keep', label: 'Is kept' },
  { value: 'revoke', label: 'Is revoked' },
  { value: 'recommendation', label: 'Follows the recommendation' },
]
const againChoices = [
  { value: '', label: 'Once' },
  { value: '30', label: 'Every 30 days' },
  { value: '90', label: 'Every 90 days' },
  { value: '180', label: 'Every 180 days' },
]

/** As the contract has it. */
const longestName = 120

const idsOf = (all: readonly Named[]) => all.map(({ id }) => id)

const daysFromNow = (days: string) => new Date(Date.now() + Number(days) * 86_400_000).toISOString()

const oneOf = <T extends string>(
  all: readonly { value: T }[],
  text: string | null,
): T | undefined => all.find(({ value }) => value === text)?.value

/** A new review, blank or of the same access as another: `/reviews/new?again=<id>`. */
export function Component() {
  const [params] = useSearchParams()
  const reviewId = params.get('again') ?? ''
  const before = useQuery({ ...query('reviews.view', { reviewId }), enabled: reviewId !== '' })
  return (
    <Page
      title="Start access review"
      purpose="The lines are frozen as they stand when it starts. Nobody reviews their own access."
    >
      {reviewId !== '' && before.isPending ? (
        <Skeletons lines={8} />
      ) : (
        <>
          <ProblemNotice error={before.error} />
          <Start before={before.data} />
        </>
      )}
    </Page>
  )
}

function Start({ before }: { readonly before: ReviewDetail | undefined }) {
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const [name, setName] = useState(before ? `${before.name}, again`.slice(0, longestName) : '')
  const [kind, setKind] = useState(
    before?.scope.kind ?? oneOf(kinds, params.get('scope')) ?? 'team',
  )
  const [scopeId, setScopeId] = useState(before?.scope.id ?? params.get('scopeId'))
  const [privileged, setPrivileged] = useState(before?.scope.privileged ?? false)
  const [unused, setUnused] = useState(
    oneOf(unusedChoices, String(before?.scope.unusedDays ?? '')) ?? '',
  )
  // What is looked at again is looked at by others: whoever starts it says by whom.
  const [reviewers, setReviewers] = useState<ReviewersKind>(before ? 'named' : 'leads')
  const [named, setNamed] = useState<readonly Named[]>([])
  const [chosenFallback, setFallback] = useState<readonly Named[]>()
  const [due, setDue] = useState('14')
  const [remind, setRemind] = useState('2')
  const [withoutAnswer, setWithoutAnswer] = useState<WithoutAnswer>(before?.withoutAnswer ?? 'keep')
  const [again, setAgain] = useState('')
  // A reminder comes while the review is open, the next review when it is over.
  const reminders = remindChoices.filter(({ value }) => Number(value) < Number(due))
  const repeats = againChoices.filter(({ value }) => value === '' || Number(value) >= Number(due))
  const remindDays = Number(oneOf(reminders, remind))
  const everyDays = ([30, 90, 180] as const).find((days) => String(days) === oneOf(repeats, again))
  // Nobody reviews their own access: a second one is there for what oneself holds.
  const eligible = useEligible(2)
  const fallback = chosenFallback ?? eligible
  const create = useChange('reviews.create')
  const errors = formErrors(create.error)
  const whole = kind === 'organization'
  const asked: CallOf<'reviews.preview'> = {
    scope: {
      kind,
      ...(!whole && scopeId && { scopeId }),
      privileged,
      ...(unused && { unusedDays: Number(unused) }),
    },
    reviewers,
    people: reviewers === 'named' ? idsOf(named) : [],
    fallback: idsOf(fallback),
  }
  const missing = scopeMissing()
  const preview = usePreview(asked, missing === undefined)
  const blocked =
    missing ??
    (preview.data && whyNotStarted(preview.data)) ??
    (name.trim() === '' ? 'Give it a name.' : undefined)

  function scopeMissing(): string | undefined {
    if (!whole && !scopeId) return `Choose a ${kind}.`
    if (reviewers === 'named' && named.length === 0) return 'Name who reviews.'
    return fallback.length === 0 ? 'Name a fallback.' : undefined
  }
  const save = () => {
    create.mutate(
      {
        input: {
          ...asked,
          name: name.trim(),
          dueAt: daysFromNow(due),
          ...(remindDays > 0 && { remindDays }),
          withoutAnswer,
          ...(everyDays && { everyDays }),
        },
      },
      {
        onSuccess: (made) => {
          toast(`${count(made.lines, 'line')} are frozen and wait for their reviewers.`)
          void navigate(paths.review(made.id))
        },
      },
    )
  }
  return (
    <div className={classes.wizard}>
      <Form
        submit="Start access review"
        onSubmit={save}
        onCancel={() => void navigate(paths.reviews())}
        busy={create.isPending}
        errors={errors}
        blocked={blocked}
      >
        <TextInput
          {...field('name', errors)}
          label="Name"
          description="Those that follow it are called the same."
          maxLength={longestName}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <SegmentedControl
          aria-label="What is reviewed"
          data={kinds}
          value={kind}
          onChange={(next) => {
            setKind(next)
            setScopeId(null)
          }}
        />
        {!whole && (
          <PickOne
            key={kind}
            kind={kind}
            {...field('scopeId', errors)}
            label={kinds.find(({ value }) => value === kind)?.label ?? kind}
            value={scopeId}
            onChange={setScopeId}
          />
        )}
        <Checkbox
          label="Only privileged: what changes access, rules or secrets"
          checked={privileged}
          onChange={(event) => setPrivileged(event.currentTarget.checked)}
        />
        <Select
          label="Use"
          data={unusedChoices}
          allowDeselect={false}
          value={unused}
          onChange={(next) => setUnused(next ?? '')}
        />
        <Select
          {...field('reviewers', errors)}
          label="Reviewers"
          data={whoReviews}
          allowDeselect={false}
          value={reviewers}
          onChange={(next) => setReviewers(oneOf(whoReviews, next) ?? 'leads')}
        />
        {reviewers === 'named' && (
          <PickSeveral
            kind="person"
            {...field('people', errors)}
            label="People who review"
            value={named}
            onChange={setNamed}
          />
        )}
        <PickSeveral
          kind="person"
          {...field('fallback', errors)}
          label="Fallback"
          description="Reviews where nobody else may: the first of them whom the line is not about."
          maxValues={5}
          value={fallback}
          onChange={setFallback}
        />
        <Select
          {...field('dueAt', errors)}
          label="Due"
          description="Then it is signed off by itself, as far as nobody has done so; what is to go ends in your name."
          data={dueChoices}
          allowDeselect={false}
          value={due}
          onChange={(next) => setDue(next ?? '14')}
        />
        <Select
          {...field('remindDays', errors)}
          label="Reminder"
          description="In the inbox of whoever has not answered."
          data={reminders}
          allowDeselect={false}
          value={oneOf(reminders, remind) ?? ''}
          onChange={(next) => setRemind(next ?? '')}
        />
        <Select
          label="A line that nobody answers"
          data={withoutChoices}
          allowDeselect={false}
          value={withoutAnswer}
          onChange={(next) => setWithoutAnswer(oneOf(withoutChoices, next) ?? 'keep')}
        />
        <Select
          {...field('everyDays', errors)}
          label="Again"
          description="The next one begins by itself, so long after this one began."
          data={repeats}
          allowDeselect={false}
          value={oneOf(repeats, again) ?? ''}
          onChange={(next) => setAgain(next ?? '')}
        />
      </Form>
      <ReviewPreview asked={!missing} data={preview.data} error={preview.error} />
    </div>
  )
}
