import { Modal, Select, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Control } from '../../../contract/compliance.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { field, Form } from '../../ui/Form.tsx'
import { toast } from '../../ui/toasts.ts'
import { useFocusBack } from '../../ui/use-focus-back.ts'

/** Who answers for a control, and what the product cannot know of it. */
export function ControlForm({
  control,
  onClose,
}: {
  readonly control: Control
  readonly onClose: () => void
}) {
  useFocusBack()
  const [ownerId, setOwnerId] = useState(control.owner?.id ?? null)
  const [note, setNote] = useState(control.note)
  const people = useQuery(query('people.list', { limit: 200 })).data?.items ?? []
  const update = useChange('compliance.update')
  const errors = formErrors(update.error)
  const known = people.some(({ id }) => id === control.owner?.id)
  return (
    <Modal opened onClose={onClose} title={`${control.ref} ${control.title}`}>
      <Form
        submit="Set owner and note"
        busy={update.isPending}
        errors={errors}
        onCancel={onClose}
        onSubmit={() =>
          update.mutate(
            {
              input: { controlId: control.id, ownerId, note: note.trim() },
              version: control.version,
            },
            {
              onSuccess: () => {
                toast('Owner and note are set.')
                onClose()
              },
            },
          )
        }
      >
        <Select
          {...field('ownerId', errors)}
          label="Who answers for it"
          searchable
          openOnFocus={false}
          clearable
          data={[
            ...people,
            // Whoever has left is no longer listed, and is still the owner until another is named.
            ...(control.owner && !known ? [control.owner] : []),
          ].map(({ id, name }) => ({ value: id, label: name }))}
          value={ownerId}
          onChange={setOwnerId}
        />
        <Textarea
          {...field('note', errors)}
          label="Note"
          description="What the product cannot know: where evidence lies, what was agreed, until when."
          autosize
          minRows={4}
          maxLength={2_000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
      </Form>
    </Modal>
  )
}
