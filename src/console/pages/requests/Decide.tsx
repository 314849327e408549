import { Button, Select } from '@mantine/core'
import { useState } from 'react'
import type { GrantCreate } from '../../../contract/grants.ts'
import type { AccessRequestDetail } from '../../../contract/requests.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { field, Form } from '../../ui/Form.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { toast } from '../../ui/toasts.ts'
import { DurationField } from '../../parts/DurationField.tsx'
import { PickOne } from '../../parts/PickOne.tsx'
import classes from './requests.module.css'

type Place = Extract<GrantCreate['scope'], { id: string }>

/** How what was asked for can be made smaller: kinds of places inside of it. */
const insideOf: Partial<Record<AccessRequestDetail['scope']['kind'], Place['kind'][]>> = {
  organization: ['segment', 'project', 'context'],
  segment: ['project', 'context'],
}
const placeWords = { segment: 'Segment', project: 'Project', context: 'Context' }

/** Approves as it stands or smaller, denies, or asks back; what was looked at is what is decided on. */
export function Decide({ request }: { readonly request: AccessRequestDetail }) {
  const { id: requestId, version, may } = request
  const most = Math.min(request.durationMinutes, request.maxMinutes)
  const [minutes, setMinutes] = useState(most)
  const [kind, setKind] = useState<Place['kind']>()
  const [placeId, setPlaceId] = useState<string | null>(null)
  const [note, setNote] = useState('')
  const inside = insideOf[request.scope.kind]
  const approve = useChange('requests.approve')
  const errors = formErrors(approve.error)
  const short = minutes < 1 || minutes > most
  const scope = kind && placeId ? { kind, id: placeId } : undefined
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
                : kind && !placeId
                  ? `Choose the ${kind}.`
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
          {inside && (
            <Select
              label="Where"
              description="Narrower is safer: where the task needs it."
              allowDeselect={false}
              data={[
                { value: '', label: `${request.scope.name}, as asked` },
                ...inside.map((value) => ({ value, label: `One ${value} of it` })),
              ]}
              value={kind ?? ''}
              onChange={(next) => {
                setKind(inside.find((each) => each === next))
                setPlaceId(null)
              }}
            />
          )}
          {kind && (
            <PickOne
              {...field('scope', errors)}
              key={kind}
              kind={kind}
              label={placeWords[kind]}
              segmentId={request.scope.kind === 'segment' ? request.scope.id : undefined}
              value={placeId}
              onChange={setPlaceId}
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
