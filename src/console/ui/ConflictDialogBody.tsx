import { Button, Modal } from '@mantine/core'
import { Diff } from './Diff.tsx'

/**
 * A lost race (412): somebody changed the object meanwhile. Shows both versions and asks which to keep; nothing typed
 * is lost. `mine` and `theirs` hold only the fields that the form edits.
 */
export function ConflictDialogBody({
  opened,
  name,
  mine,
  theirs,
  onKeepMine,
  onTakeTheirs,
  onClose,
}: {
  opened: boolean
  name: string
  mine: Readonly<Record<string, unknown>>
  theirs: Readonly<Record<string, unknown>>
  onKeepMine: () => void
  onTakeTheirs: () => void
  onClose: () => void
}) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={`${name} was changed while you were editing`}
    >
      <p>
        Another person saved it first. This is what they saved, and what you would save over it:
      </p>
      <Diff before={theirs} after={mine} beforeLabel="Saved by them" afterLabel="Yours" />
      <div style={{ display: 'flex', gap: 8, marginBlockStart: 16 }}>
        <Button variant="filled" onClick={onKeepMine}>
          Save mine over theirs
        </Button>
        <Button onClick={onTakeTheirs}>Take theirs</Button>
        <Button variant="subtle" onClick={onClose}>
          Keep editing
        </Button>
      </div>
    </Modal>
  )
}
