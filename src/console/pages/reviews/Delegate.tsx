import { Modal, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ReviewLine } from '../../../contract/reviews.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
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
  const people = useQuery(query('people.list', { limit: 200 })).data?.items ?? []
  const [to, setTo] = useState<string | null>(null)
  const [reason, setReason] = useState('')
  const delegate = useChange('reviews.delegate')
  const errors = formErrors(delegate.error)
  const offered = people
    .filter(({ id, state }) => id !== line.person.id && state === 'active')
    .map(({ id, name }) => ({ value: id, label: name }))
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
        <Select
          {...field('to', errors)}
          data-autofocus
          openOnFocus={false}
          label="Reviewer"
          searchable
          data={offered}
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
