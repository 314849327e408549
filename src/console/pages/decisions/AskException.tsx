import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { duration } from '../../../contract/duration.ts'
import type { DecisionDetail } from '../../../contract/decisions.ts'
import { exceptionLimits } from '../../../contract/exception-limits.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { DurationField } from '../../parts/DurationField.tsx'
import { ExceptionImpact } from '../../parts/ExceptionImpact.tsx'
import { paths } from '../../paths.ts'
import { field, Form } from '../../ui/Form.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { toast } from '../../ui/toasts.ts'

/** Asks for no more than the refused run needed: its project, its branch or tag, this context, two hours. */
export function AskException({ decision }: { readonly decision: DecisionDetail }) {
  const navigate = useNavigate()
  const [minutes, setMinutes] = useState<number>(exceptionLimits.usual)
  const [reason, setReason] = useState('')
  const ask = useChange('exceptions.create')
  const impact = useQuery(query('exceptions.impact', { decisionId: decision.id }))
  const errors = formErrors(ask.error)
  const { project, context, facts } = decision
  const wrong = minutes < exceptionLimits.least || minutes > exceptionLimits.most
  return (
    <Form
      submit="Ask for exception"
      onSubmit={() =>
        ask.mutate(
          { input: { decisionId: decision.id, minutes, reason: reason.trim() } },
          {
            onSuccess: (made) => {
              toast(`It is asked for. Whoever may restrict ${made.context.name} decides.`)
              void navigate(paths.exception(made.id))
            },
          },
        )
      }
      busy={ask.isPending}
      errors={errors}
      blocked={
        reason.trim() === ''
          ? 'Say why.'
          : wrong
            ? `It lasts between ${duration(exceptionLimits.least)} and ${duration(exceptionLimits.most)}.`
            : undefined
      }
      impact={<ExceptionImpact impact={impact.data} error={impact.error} />}
    >
      <p>
        Runs of {project?.name} on <code>{String(facts['branch'] ?? facts['tag'])}</code> could then
        use {context?.name}, once somebody who may restrict it approves, and for no longer than you
        say.
      </p>
      <DurationField
        label="Lasts"
        path="minutes"
        value={minutes}
        most={exceptionLimits.most}
        errors={errors}
        onChange={setMinutes}
      />
      <ProseField
        {...field('reason', errors)}
        label="Reason"
        description="The approver and the record have it."
        minRows={2}
        value={reason}
        onChange={setReason}
      />
    </Form>
  )
}
