import { Button, Group, Modal, Text } from '@mantine/core'
import { useState } from 'react'
import { confirmInPopup, confirmOnThisPage } from './session.ts'
import type { PendingStepUp } from './step-up.ts'

/** Stands above the page while a sensitive change waits for its person; what was typed stays below it. */
export function StepUpDialog({ pending }: { readonly pending: PendingStepUp }) {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState('')
  const kept = pending.asked.every(({ input }) => input !== undefined)
  const confirm = async (how: () => Promise<void>, then: () => void) => {
    setBusy(true)
    setFault('')
    try {
      await how()
      then()
    } catch {
      setFault('Not confirmed: no window could open, or it was closed before you had confirmed.')
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
        This change needs a sign-in of the last minutes. A small window opens; then the change goes
        on by itself.
      </Text>
      {fault && (
        <>
          <Text size="sm" c="var(--mantine-color-error)" role="alert" mt="sm">
            {fault}
          </Text>
          <Text size="sm" mt="sm">
            Open the window again, or confirm on this page:{' '}
            {kept
              ? 'you come back here, and the change goes on by itself.'
              : 'you come back here and type it again, for a secret is kept nowhere meanwhile.'}
          </Text>
        </>
      )}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={pending.cancelled}>
          Cancel
        </Button>
        {fault && (
          <Button
            variant="default"
            disabled={busy}
            onClick={() =>
              void confirm(
                () => confirmOnThisPage(pending.asked),
                () => {},
              )
            }
          >
            Confirm on this page
          </Button>
        )}
        <Button
          data-autofocus
          loading={busy}
          onClick={() => void confirm(confirmInPopup, pending.confirmed)}
        >
          {fault ? 'Open the window again' : 'Confirm'}
        </Button>
      </Group>
    </Modal>
  )
}
