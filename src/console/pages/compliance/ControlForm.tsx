import { Modal, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { Control } from '../../../contract/compliance.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { PickOne } from '../../parts/PickOne.tsx'
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
  const update = useChange('compliance.update')
  const errors = formErrors(update.error)
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
        <PickOne
          kind="person"
          {...field('ownerId', errors)}
          label="Who answers for it"
          openOnFocus={false}
          clearable
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
