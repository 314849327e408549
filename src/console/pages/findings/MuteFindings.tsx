import { Modal } from '@mantine/core'
import { useState } from 'react'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { Form } from '../../ui/Form.tsx'
import { count } from '../../ui/format.ts'
import { toast } from '../../ui/toasts.ts'
import { untilAfter, UntilField } from './UntilField.tsx'

interface Props {
  readonly ids: readonly string[]
  readonly onClose: () => void
  readonly onDone: () => void
}

/** Mutes findings at once, all of them or none. */
export function MuteFindings({ ids, onClose, onDone }: Props) {
  const [days, setDays] = useState('30')
  const [reason, setReason] = useState('')
  const mute = useChange('findings.muteMany')
  const errors = formErrors(mute.error)
  const confirm = () =>
    mute.mutate(
      { input: { findingIds: [...ids], reason: reason.trim(), until: untilAfter(days) } },
      {
        onSuccess: ({ muted }) => {
          toast(`${count(muted, 'finding')} muted.`)
          onDone()
        },
      },
    )
  return (
    <Modal opened onClose={onClose} title={`Mute ${count(ids.length, 'finding')}`}>
      <Form
        submit="Mute findings"
        busy={mute.isPending}
        errors={errors}
        blocked={reason.trim() === '' ? 'Say why.' : undefined}
        onSubmit={confirm}
        onCancel={onClose}
      >
        <p>
          They are out of sight until then, and open again by themselves if they are still true.
        </p>
        <UntilField
          days={days}
          onDays={setDays}
          reason={reason}
          onReason={setReason}
          errors={errors}
        />
      </Form>
    </Modal>
  )
}
