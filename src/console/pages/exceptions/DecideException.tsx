import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { duration } from '../../../contract/duration.ts'
import { exceptionLimits } from '../../../contract/exception-limits.ts'
import type { UseExceptionDetail } from '../../../contract/exceptions.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { DurationField } from '../../parts/DurationField.tsx'
import { ExceptionImpact } from '../../parts/ExceptionImpact.tsx'
import { field, Form } from '../../ui/Form.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { toast } from '../../ui/toasts.ts'

/** Admits the runs for as long as was asked, or shorter; what was looked at is what is decided on. */
export function DecideException({ exception }: { readonly exception: UseExceptionDetail }) {
  const { id: exceptionId, version, project, context, branch, tag } = exception
  const named = { exceptionId, contextId: context.id ?? '' }
  const [minutes, setMinutes] = useState(exception.minutes)
  const [note, setNote] = useState('')
  const approve = useChange('exceptions.approve')
  const impact = useQuery(query('exceptions.review', { exceptionId }))
  const errors = formErrors(approve.error)
  const wrong = minutes < exceptionLimits.least || minutes > exception.minutes
  const said = note.trim()
  return (
    <Panel title="Decide">
      <Form
        submit={minutes < exception.minutes ? 'Approve shorter' : 'Approve'}
        onSubmit={() =>
          approve.mutate(
            { input: { ...named, minutes, reason: said }, version },
            {
              onSuccess: () =>
                toast(`Runs of ${project.name} on ${branch ?? tag ?? ''} are admitted now.`),
            },
          )
        }
        busy={approve.isPending}
        errors={errors}
        blocked={
          wrong
            ? `It lasts ${duration(exceptionLimits.least)} at the least, and no longer than asked for.`
            : undefined
        }
        impact={
          <>
            <p>
              For {duration(Math.max(minutes, 0))}, runs of {project.name} on {branch ?? tag} may
              use {context.name}, whatever its restrictions say. Policies, the segment and whose run
              it is are asked all the same; forks and reruns with SSH stay out.
            </p>
            <ExceptionImpact impact={impact.data} error={impact.error} />
          </>
        }
      >
        <DurationField
          label="Lasts"
          path="minutes"
          value={minutes}
          most={exception.minutes}
          errors={errors}
          onChange={setMinutes}
        />
        <ProseField
          {...field('reason', errors)}
          label="Note"
          description="Optional: goes with the approval."
          minRows={2}
          value={note}
          onChange={setNote}
        />
      </Form>
    </Panel>
  )
}
