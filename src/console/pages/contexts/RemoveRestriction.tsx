import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Restriction } from '../../../contract/contexts.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { Impact, ReasonForOpening } from '../../parts/Impact.tsx'
import { missingReason } from '../../parts/impact-words.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { toast } from '../../ui/toasts.ts'

/** Says what removing it would have done to the uses of the last days, and asks why where it opens something. */
export function RemoveRestriction(props: {
  contextId: string
  restriction: Restriction
  /** Of the context, as its restrictions were when the question was asked. */
  version: number
  last: boolean
  onClose: () => void
}) {
  const { contextId, restriction, version, last, onClose } = props
  const remove = useChange('contexts.removeRestriction')
  const [reason, setReason] = useState('')
  const impact = useQuery(query('contexts.impact', { contextId, restrictionId: restriction.id }))
  const confirm = () =>
    remove.mutate(
      {
        input: {
          contextId,
          restrictionId: restriction.id,
          ...(reason.trim() && { reason: reason.trim() }),
        },
        version,
      },
      {
        onSuccess: () => {
          toast('The restriction is removed.')
          onClose()
        },
      },
    )
  return (
    <ConfirmDanger
      title="Remove restriction"
      opened
      onClose={onClose}
      onConfirm={confirm}
      verb="Remove restriction"
      busy={remove.isPending}
      errors={formErrors(remove.error)}
      blocked={missingReason(impact.data, reason)}
    >
      <p>
        {last
          ? 'It is the last one: from then on no run may use this context.'
          : `Runs are no longer asked for ${restriction.target?.name ?? restriction.expression}. When it was the last of its kind, more runs are admitted than before.`}
      </p>
      <Impact short impact={impact.data} error={impact.error} what="uses" />
      <ReasonForOpening
        refused={remove.error}
        impact={impact.data}
        value={reason}
        onChange={setReason}
      />
    </ConfirmDanger>
  )
}
