import { Button, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { GrantCreate } from '../../../contract/grants.ts'
import type { AccessRequestDetail } from '../../../contract/requests.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { field, Form } from '../../ui/Form.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { toast } from '../../ui/toasts.ts'
import { DurationField } from '../../parts/DurationField.tsx'
import classes from './requests.module.css'

type Place = Extract<GrantCreate['scope'], { id: string }>

/** Places inside of what was asked for, so that it can be made smaller. */
function useInside({ scope }: AccessRequestDetail): { value: string; label: string }[] {
  const wide = scope.kind === 'organization' || scope.kind === 'segment'
  const of = { limit: 200, ...(scope.kind === 'segment' && { segmentId: scope.id }) }
  const segments = useQuery({
    ...query('segments.list', { limit: 200 }),
    enabled: scope.kind === 'organization',
  }).data
  const projects = useQuery({ ...query('projects.list', of), enabled: wide }).data
  const contexts = useQuery({ ...query('contexts.list', of), enabled: wide }).data
  const named = (kind: Place['kind'], all: readonly { id: string; name: string }[] | undefined) =>
    (all ?? []).map(({ id, name }) => ({ value: `${kind} ${id}`, label: `${kind} ${name}` }))
  return [
    { value: '', label: `${scope.name}, as asked` },
    ...named('segment', segments?.items),
    ...named('project', projects?.items),
    ...named('context', contexts?.items),
  ]
}

function placeIn(chosen: string): Place | undefined {
  const [kind, id] = chosen.split(' ')
  return id ? { kind: kind as Place['kind'], id } : undefined
}

/** Approves as it stands or smaller, denies, or asks back; what was looked at is what is decided on. */
export function Decide({ request }: { readonly request: AccessRequestDetail }) {
  const { id: requestId, version, may } = request
  const most = Math.min(request.durationMinutes, request.maxMinutes)
  const [minutes, setMinutes] = useState(most)
  const [chosen, setChosen] = useState('')
  const [note, setNote] = useState('')
  const places = useInside(request)
  const approve = useChange('requests.approve')
  const errors = formErrors(approve.error)
  const short = minutes < 1 || minutes > most
  const scope = placeIn(chosen)
  const save = () =>
    approve.mutate(
      {
        input: {
          requestId,
          reason: note.trim(),
          ...(minutes !== request.durationMinutes && { durationMinutes: minutes }),
          ...(scope && { scope }),
        },
        version,
      },
      {
        onSuccess: (now) =>
          toast(
            now.grant
              ? `${now.requester.name} holds ${now.role.name} ${now.state === 'scheduled' ? 'from then on' : 'now'}.`
              : 'You approved it. It waits for another approval.',
          ),
      },
    )
  return (
    <Panel title="Decide">
      <div className={classes.decide}>
        <Form
          submit={scope || minutes < request.durationMinutes ? 'Approve narrowed' : 'Approve'}
          onSubmit={save}
          busy={approve.isPending}
          errors={errors}
          blocked={
            may.includes('approve')
              ? short
                ? 'It can be made shorter, not longer.'
                : undefined
              : 'You may deny it or ask back.'
          }
        >
          <DurationField
            label="Lasts"
            value={minutes}
            most={most}
            errors={errors}
            onChange={setMinutes}
          />
          {places.length > 1 && (
            <Select
              {...field('scope', errors)}
              label="Where"
              description="Narrower is safer: where the task needs it."
              searchable
              allowDeselect={false}
              data={places}
              value={chosen}
              onChange={(next) => setChosen(next ?? '')}
            />
          )}
          <ProseField
            {...field('reason', errors)}
            label="Note"
            description="Optional: goes with the approval."
            value={note}
            onChange={setNote}
          />
        </Form>
        <Refuse request={request} />
      </div>
    </Panel>
  )
}

/** Denies, or asks something first; either says why. */
function Refuse({ request }: { readonly request: AccessRequestDetail }) {
  const { id: requestId, version, may, requester } = request
  const [text, setText] = useState('')
  const deny = useChange('requests.deny')
  const back = useChange('requests.askBack')
  const errors = formErrors(deny.error ?? back.error)
  const said = text.trim()
  const ask = () =>
    back.mutate(
      { input: { requestId, question: said }, version },
      { onSuccess: () => toast(`${requester.name} was asked.`) },
    )
  return (
    <Form
      submit="Deny request"
      danger
      busy={deny.isPending || back.isPending}
      errors={errors}
      blocked={said === '' ? 'Say why, or what you want to know.' : undefined}
      onSubmit={() =>
        deny.mutate(
          { input: { requestId, reason: said }, version },
          { onSuccess: () => toast('It is denied.') },
        )
      }
      impact={
        may.includes('askBack') && (
          <div>
            <Button disabled={said === '' || back.isPending} onClick={ask}>
              Ask this first
            </Button>
          </div>
        )
      }
    >
      <ProseField
        label="Reason or question"
        description="The requester and the record have it."
        minRows={4}
        value={text}
        onChange={setText}
      />
    </Form>
  )
}
