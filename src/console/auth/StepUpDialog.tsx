import { Button, Group, Modal, Text } from '@mantine/core'
import { useState } from 'react'
import { confirmInPopup } from './session.ts'
import type { PendingStepUp } from './step-up.ts'

/** Stands above the page while a sensitive change waits for its person; what was typed stays below it. */
export function StepUpDialog({ pending }: { readonly pending: PendingStepUp }) {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState('')
  const confirm = async () => {
    setBusy(true)
    setFault('')
    try {
      await confirmInPopup()
      pending.confirmed()
    } catch {
      setFault('Not confirmed. Allow this site to open a window, and confirm there.')
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      opened
      onClose={pending.cancelled}
      title="Confirm that it is you"
      closeButtonProps={{ 'aria-label': 'Close' }}
      centered
    >
      <Text size="sm">
        This change needs a sign-in of the last five minutes. A small window opens; then the change
        goes on by itself.
      </Text>
      {fault && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert" mt="sm">
          {fault}
        </Text>
      )}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={pending.cancelled}>
          Cancel
        </Button>
        <Button data-autofocus loading={busy} onClick={() => void confirm()}>
          Confirm
        </Button>
      </Group>
    </Modal>
  )
}
