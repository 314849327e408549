import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { FlowMatrix } from '../../../contract/segments.ts'
import { query, useChange } from '../../api/client.ts'
import { errorsButRace } from '../../api/problem.ts'
import { LostRace } from '../../parts/LostRace.tsx'
import { Impact } from '../../parts/Impact.tsx'
import { useDraft } from '../../parts/use-draft.ts'
import { field, Form } from '../../ui/Form.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { Status } from '../../ui/Status.tsx'
import { toast } from '../../ui/toasts.ts'
import { FlowGrid, flowKey } from './FlowGrid.tsx'
import classes from './FlowGrid.module.css'

const draftOf = ({ flows }: FlowMatrix) => ({
  allowed: flows.map(({ from, to }) => flowKey(from, to)).toSorted(),
})

/** The matrix as it is edited: what it would have done is told before it is saved, and what opens asks for a reason. */
export function ChangeFlows({ matrix }: { readonly matrix: FlowMatrix }) {
  const { draft, touched, base, version, set, follow } = useDraft(matrix, draftOf)
  const [reason, setReason] = useState('')
  const change = useChange('segments.changeFlows')
  const before = new Set(draftOf(base).allowed)
  const allowed = new Set(draft.allowed)
  const allow = ends([...allowed].filter((key) => !before.has(key)))
  const stop = ends([...before].filter((key) => !allowed.has(key)))
  const impact = useQuery({
    ...query('segments.impact', { allow, stop }),
    enabled: touched,
    placeholderData: keepPreviousData,
  })
  const errors = errorsButRace(change.error)
  const names = new Map(base.segments.map(({ id, name }) => [id, name]))
  const words = ({ from, to }: { from: string; to: string }) =>
    `${names.get(from)} → ${names.get(to)}`
  const toggle = (key: string) => {
    const next = new Set(allowed)
    if (!next.delete(key)) next.add(key)
    set({ allowed: [...next].toSorted() })
  }
  const save = (version: number) =>
    change.mutate(
      { input: { allow, stop, ...(reason.trim() && { reason: reason.trim() }) }, version },
      {
        onSuccess: (saved) => {
          follow(saved)
          setReason('')
          toast('The flows are saved. They count for the next run.')
        },
      },
    )
  const missing = allow.length > 0 && reason.trim() === ''
  return (
    <>
      <Form
        wide
        submit="Save flows"
        onSubmit={() => save(version)}
        {...(touched && { onCancel: () => follow(matrix) })}
        busy={change.isPending}
        errors={errors}
        blocked={
          !base.segments.some(({ mayChange }) => mayChange)
            ? 'You need the permission segment:update on both segments.'
            : !touched
              ? 'Nothing is changed.'
              : missing
                ? 'A flow is newly allowed: say why.'
                : undefined
        }
        impact={
          touched && (
            <>
              <ul className={classes.changes} aria-label="What is changed">
                {allow.map((flow) => (
                  <li key={words(flow)}>
                    <Status is="permitted">Allow {words(flow)}</Status>
                  </li>
                ))}
                {stop.map((flow) => (
                  <li key={words(flow)}>
                    <Status is="denied">Stop {words(flow)}</Status>
                  </li>
                ))}
              </ul>
              <Impact impact={impact.data} error={impact.error} what="uses" />
              {allow.length > 0 && (
                <ProseField
                  {...field('reason', errors)}
                  label="Why it is opened"
                  description="Runs in one segment will use secrets of another. The audit trail keeps the reason."
                  required
                  minRows={2}
                  value={reason}
                  onChange={setReason}
                />
              )}
            </>
          )
        }
      >
        <FlowGrid segments={base.segments} allowed={allowed} before={before} onToggle={toggle} />
      </Form>
      <LostRace
        change={change}
        name="The flows"
        mine={{ flows: [...allowed].map(told(names)).toSorted() }}
        told={(theirs) => ({ flows: draftOf(theirs).allowed.map(told(names)).toSorted() })}
        save={save}
        follow={follow}
      />
    </>
  )
}

const ends = (keys: readonly string[]) =>
  keys.map((key) => {
    const [from = '', to = ''] = key.split(' ')
    return { from, to }
  })

const told = (names: ReadonlyMap<string, string>) => (key: string) => {
  const [from = '', to = ''] = key.split(' ')
  return `${names.get(from)} → ${names.get(to)}`
}
