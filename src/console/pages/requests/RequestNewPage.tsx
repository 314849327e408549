import { SegmentedControl, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import type { ScopeKind } from '../../../contract/grants.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { PickOne } from '../../parts/PickOne.tsx'
import { paths } from '../../paths.ts'
import { field, Form } from '../../ui/Form.tsx'
import { Page } from '../../ui/Page.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { toast } from '../../ui/toasts.ts'
import { duration } from '../../../contract/duration.ts'
import { DurationField } from '../../parts/DurationField.tsx'

const RequestPreview = lazy(() =>
  import('./RequestPreview.tsx').then((module) => ({ default: module.RequestPreview })),
)

export const handle = { crumb: 'Ask for access' }

const kinds: { value: ScopeKind; label: string }[] = [
  { value: 'context', label: 'Context' },
  { value: 'project', label: 'Project' },
  { value: 'segment', label: 'Segment' },
  { value: 'organization', label: 'Organization' },
]

const isKind = (text: string | null): text is ScopeKind => kinds.some(({ value }) => value === text)

/** A moment of this zone, as a field of a form has it, in UTC; nothing where it is none. */
function moment(local: string): string | undefined {
  const at = new Date(local)
  return local && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined
}

export function Component() {
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const asked = params.get('scope')
  const goesOn = params.get('extends') ?? undefined
  const permission = params.get('permission')
  const offered = (useQuery(query('requests.catalogue', {})).data?.items ?? [])
    .filter(({ rule }) => rule.requestable)
    .filter(({ permissions }) => !permission || permissions.some((one) => one === permission))
  const [chosenRole, setRoleId] = useState(params.get('role'))
  // Of those that hold what is missing, the one that holds the least.
  const least = offered.toSorted((one, other) => one.permissions.length - other.permissions.length)
  const roleId = chosenRole ?? (permission ? (least[0]?.id ?? null) : null)
  const [kind, setKind] = useState<ScopeKind>(isKind(asked) ? asked : 'context')
  const [scopeId, setScopeId] = useState(params.get('scopeId'))
  const [minutes, setMinutes] = useState(Number(params.get('minutes')) || 120)
  const [start, setStart] = useState('')
  const [reason, setReason] = useState(params.get('reason') ?? '')
  const [ticket, setTicket] = useState('')
  const create = useChange('requests.create')
  const errors = formErrors(create.error)
  const role = offered.find(({ id }) => id === roleId)
  const scope =
    kind === 'organization' ? ({ kind } as const) : scopeId ? { kind, id: scopeId } : undefined
  const most = role?.rule.maxMinutes
  const blocked = !role
    ? 'Choose a role.'
    : !scope
      ? `Choose a ${kind}.`
      : most && (minutes < 1 || minutes > most)
        ? `It lasts at most ${duration(most)}.`
        : reason.trim() === ''
          ? 'Say why.'
          : undefined
  const save = () => {
    if (!role || !scope) return
    const startsAt = moment(start)
    create.mutate(
      {
        input: {
          roleId: role.id,
          scope,
          durationMinutes: minutes,
          reason: reason.trim(),
          ...(ticket.trim() && { ticket: ticket.trim() }),
          ...(startsAt && { startsAt }),
          ...(goesOn && { extends: goesOn }),
        },
      },
      {
        onSuccess: (made) => {
          toast('It is asked. You find it under Requests.')
          void navigate(paths.request(made.id))
        },
      },
    )
  }
  return (
    <Page
      title={goesOn ? 'Extend access' : 'Ask for access'}
      purpose="Ask for no more than the task needs, where it needs it and for as long. It ends by itself."
    >
      <Form
        submit={goesOn ? 'Ask for extension' : 'Ask for access'}
        onSubmit={save}
        onCancel={() => void navigate(paths.requests())}
        busy={create.isPending}
        errors={errors}
        blocked={blocked}
        impact={
          role &&
          scope && (
            <Suspense>
              <RequestPreview role={role} scope={scope} />
            </Suspense>
          )
        }
      >
        <Select
          {...field('roleId', errors)}
          label="Role"
          description={
            permission
              ? `Of the roles that hold ${permission} the one that holds the least is chosen.`
              : (role?.description ?? 'What you could do with it is told once it is chosen.')
          }
          searchable
          data={offered.map(({ id, name }) => ({ value: id, label: name }))}
          value={roleId}
          onChange={setRoleId}
          disabled={goesOn !== undefined}
        />
        <SegmentedControl
          aria-label="Where it holds"
          data={kinds}
          value={kind}
          disabled={goesOn !== undefined}
          onChange={(next) => {
            setKind(next)
            setScopeId(null)
          }}
        />
        {kind !== 'organization' && (
          <PickOne
            key={kind}
            kind={kind}
            {...field('scope', errors)}
            label={kinds.find(({ value }) => value === kind)?.label ?? kind}
            value={scopeId}
            onChange={setScopeId}
            disabled={goesOn !== undefined}
          />
        )}
        <DurationField
          key={roleId}
          label="Lasts"
          value={minutes}
          most={most ?? 480}
          errors={errors}
          onChange={setMinutes}
        />
        {!goesOn && (
          <TextInput
            {...field('startsAt', errors)}
            label="Begins"
            description="Empty: as soon as it is approved. In your own time zone."
            type="datetime-local"
            value={start}
            onChange={(event) => setStart(event.currentTarget.value)}
          />
        )}
        <ProseField
          {...field('reason', errors)}
          label="Reason"
          description="Who decides on it reads this; who audits it later as well."
          minRows={2}
          value={reason}
          onChange={setReason}
        />
        <TextInput
          {...field('ticket', errors)}
          label="Ticket"
          description="Optional: the number under which the work is known."
          maxLength={100}
          value={ticket}
          onChange={(event) => setTicket(event.currentTarget.value)}
        />
      </Form>
    </Page>
  )
}
