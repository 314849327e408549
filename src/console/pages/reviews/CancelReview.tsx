import { Checkbox } from '@mantine/core'
import { useState } from 'react'
import type { ReviewDetail } from '../../../contract/reviews.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { count, num } from '../../ui/format.ts'
import { ProseField } from '../../ui/ProseField.tsx'
import { toast } from '../../ui/toasts.ts'

/** Ends a review that should not have been begun, without anything being ended by it. */
export function CancelReview({ review }: { readonly review: ReviewDetail }) {
  const { id, name, version, lines, answered, everyDays, mayCancel } = review
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const [endSeries, setEndSeries] = useState(false)
  const cancel = useChange('reviews.cancel')
  return (
    <>
      <AllowedAction
        danger
        allowed={mayCancel ? ['review:run'] : []}
        may="review:run"
        onClick={() => setAsking(true)}
      >
        Cancel review
      </AllowedAction>
      <ConfirmDanger
        opened={asking}
        title={`Cancel ${name}`}
        verb="Cancel the review"
        back="Let it go on"
        busy={cancel.isPending}
        errors={formErrors(cancel.error)}
        blocked={reason.trim() === '' ? 'Say why.' : undefined}
        onClose={() => setAsking(false)}
        onConfirm={() =>
          cancel.mutate(
            { input: { reviewId: id, reason: reason.trim(), endSeries }, version },
            {
              onSuccess: () => {
                setAsking(false)
                toast('It is cancelled. Nothing was ended by it.')
              },
            },
          )
        }
      >
        <p>
          No grant ends, and nobody is asked any more. The {count(lines, 'line')} and what was
          answered so far ({num(answered)}) stay to be read. There is no undo.
        </p>
        <ProseField
          label="Reason"
          description="For the record: whoever finds it later knows why it was not finished."
          value={reason}
          onChange={setReason}
        />
        {everyDays && (
          <Checkbox
            label={`Begin no next one either (it repeats every ${everyDays} days)`}
            checked={endSeries}
            onChange={(event) => setEndSeries(event.currentTarget.checked)}
          />
        )}
      </ConfirmDanger>
    </>
  )
}
