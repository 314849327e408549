import { Modal, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import classes from './Form.module.css'
import { Form, type FormError } from './Form.tsx'

/**
 * Typed confirmation for the irreversible. Says what breaks, with numbers, and asks for the object's name.
 * Without `name` it asks once, without typing: for what can be undone only by hand.
 */
export function ConfirmDangerDialog({
  title,
  name,
  opened,
  onClose,
  onConfirm,
  verb,
  busy,
  errors,
  blocked,
  back,
  children,
}: {
  title: string
  name?: string
  opened: boolean
  onClose: () => void
  onConfirm: () => void
  /** Verb and object: "Delete context". */
  verb: string
  busy?: boolean
  errors?: readonly FormError[]
  /** Something else that is missing, such as a reason. */
  blocked?: string | undefined
  /** What leaving it is called where “Cancel” would say something else. */
  back?: string
  /** What breaks. */
  children: ReactNode
}) {
  const [typed, setTyped] = useState('')
  const close = () => {
    setTyped('')
    onClose()
  }
  return (
    <Modal opened={opened} onClose={close} title={title}>
      <Form
        submit={verb}
        danger
        busy={busy ?? false}
        errors={errors ?? []}
        blocked={
          blocked ??
          (name !== undefined && typed !== name ? 'Type the name to confirm.' : undefined)
        }
        onSubmit={onConfirm}
        onCancel={close}
        back={back}
      >
        <div className={classes.apart}>{children}</div>
        {name !== undefined && (
          <TextInput
            data-autofocus
            label={
              <>
                Type <span className="sp-mono">{name}</span> to confirm
              </>
            }
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
      </Form>
    </Modal>
  )
}
