import { Modal } from '@mantine/core'
import { useState } from 'react'
import type { ReviewLine } from '../../../contract/reviews.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { PickOne } from '../../parts/PickOne.tsx'
import { field, Form } from '../../ui/Form.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { toast } from '../../ui/toasts.ts'
import { useFocusBack } from '../../ui/use-focus-back.ts'

interface Props {
  readonly reviewId: string
  readonly line: ReviewLine
  readonly onClose: () => void
}

/** Leaves a line to somebody who knows better; never to whom it is about. */
export function Delegate({ reviewId, line, onClose }: Props) {
  useFocusBack()
  const [to, setTo] = useState<string | null>(null)
  const [reason, setReason] = useState('')
  const delegate = useChange('reviews.delegate')
  const errors = formErrors(delegate.error)
  return (
    <Modal opened onClose={onClose} title={`Delegate ${line.person.name}’s ${line.role.name}`}>
      <Form
        submit="Delegate line"
        busy={delegate.isPending}
        errors={errors}
        blocked={to ? undefined : 'Choose who reviews it instead.'}
        onCancel={onClose}
        onSubmit={() =>
          delegate.mutate(
            {
              input: { reviewId, lineId: line.id, to: to ?? '', reason: reason.trim() },
              version: line.version,
            },
            {
              onSuccess: () => {
                toast('The line waits for them now.')
                onClose()
              },
            },
          )
        }
      >
        <PickOne
          kind="person"
          but={line.person.id}
          {...field('to', errors)}
          data-autofocus
          openOnFocus={false}
          label="Reviewer"
          value={to}
          onChange={setTo}
        />
        <ProseField
          label="Reason"
          description="Optional: for the record."
          value={reason}
          onChange={setReason}
        />
      </Form>
    </Modal>
  )
}
