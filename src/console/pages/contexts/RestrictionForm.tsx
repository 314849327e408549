import { SegmentedControl, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ExpressionFault, RestrictionKind } from '../../../contract/contexts.ts'
import type { z } from 'zod'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { Impact, ReasonForOpening } from '../../parts/Impact.tsx'
import { missingReason } from '../../parts/impact-words.ts'
import { PickOne } from '../../parts/PickOne.tsx'
import { field, Form } from '../../ui/Form.tsx'
import { SideDrawer } from '../../ui/SideDrawer.tsx'
import { toast } from '../../ui/toasts.ts'
import { useSettled } from '../../ui/use-settled.ts'

type Kind = z.infer<typeof RestrictionKind>

const kinds: { value: Kind; label: string }[] = [
  { value: 'expression', label: 'Expression' },
  { value: 'project', label: 'Project' },
  { value: 'team', label: 'Team' },
  { value: 'segment', label: 'Segment' },
]

export interface Begin {
  readonly kind: Kind
  readonly targetId: string
}

/** Adds a restriction; the server reads an expression as it is typed, and says where it is wrong. */
export function RestrictionForm(props: { contextId: string; begin?: Begin; onClose: () => void }) {
  const { contextId, begin, onClose } = props
  const [kind, setKind] = useState<Kind>(begin?.kind ?? 'expression')
  const [expression, setExpression] = useState('pipeline.git.branch == "main"')
  const [targetId, setTargetId] = useState(begin?.targetId ?? '')
  const settled = useSettled(expression, 250)
  const check = useQuery({
    ...query('contexts.checkExpression', { expression: settled }),
    enabled: kind === 'expression' && settled.trim() !== '',
  })
  const add = useChange('contexts.restrict')
  const [reason, setReason] = useState('')
  const wanted =
    kind === 'expression'
      ? settled.trim() !== '' && check.data?.faults.length === 0 && { kind, expression: settled }
      : targetId !== '' && { kind, targetId }
  const impact = useQuery({
    ...query('contexts.impact', { contextId, ...(wanted && { restriction: wanted }) }),
    enabled: wanted !== false,
  })
  const known = wanted ? impact.data : undefined
  const errors = formErrors(add.error)
  const fault = settled === expression ? check.data?.faults[0] : undefined
  const save = () =>
    add.mutate(
      {
        input: {
          contextId,
          restriction: kind === 'expression' ? { kind, expression } : { kind, targetId },
          ...(reason.trim() && { reason: reason.trim() }),
        },
      },
      {
        onSuccess: () => {
          toast('The restriction is added.')
          onClose()
        },
      },
    )
  return (
    <SideDrawer title="Add restriction" opened onClose={onClose} wide>
      <Form
        submit="Add restriction"
        onSubmit={save}
        onCancel={onClose}
        busy={add.isPending}
        errors={errors}
        blocked={
          kind === 'expression'
            ? fault
              ? 'Mend the expression first.'
              : missingReason(known, reason)
            : targetId === ''
              ? `Choose a ${kind}.`
              : missingReason(known, reason)
        }
        impact={
          <>
            {wanted && <Impact impact={known} error={impact.error} what="uses" />}
            <ReasonForOpening
              key={kind}
              refused={add.error}
              impact={known}
              value={reason}
              onChange={setReason}
            />
          </>
        }
      >
        <SegmentedControl
          aria-label="Kind of restriction"
          data={kinds}
          value={kind}
          onChange={(next) => {
            setKind(next)
            setTargetId('')
          }}
        />
        {kind === 'expression' ? (
          <>
            <Textarea
              {...field('restriction.expression', errors)}
              label="Expression"
              description="A run is admitted while it is true. A value that the run does not have makes all of it false."
              classNames={{ input: 'sp-mono' }}
              autosize
              minRows={3}
              spellCheck={false}
              value={expression}
              onChange={(event) => setExpression(event.currentTarget.value)}
            />
            <div aria-live="polite">{fault && <Fault text={expression} fault={fault} />}</div>
            <details>
              <summary>Values that an expression may read</summary>
              <ul>
                {check.data?.variables.map((name) => (
                  <li key={name}>
                    <code>{name}</code>
                  </li>
                ))}
              </ul>
            </details>
          </>
        ) : (
          <PickOne
            {...field('restriction.targetId', errors)}
            key={kind}
            kind={kind}
            label={kinds.find(({ value }) => value === kind)?.label ?? kind}
            value={targetId || null}
            onChange={(next) => setTargetId(next ?? '')}
          />
        )}
      </Form>
    </SideDrawer>
  )
}

/** The expression with the wrong part marked, and what is wrong with it. */
function Fault({ text, fault }: { text: string; fault: ExpressionFault }) {
  const wrong = text.slice(fault.from, fault.to)
  return (
    <p>
      <code>
        {text.slice(0, fault.from)}
        <mark>{wrong || '⌄'}</mark>
        {text.slice(fault.to)}
      </code>
      <br />
      Character {fault.from + 1}: {fault.message}.
    </p>
  )
}
