import { lateDialog } from './late-dialog.ts'

/** A lost race (412), told by both versions; see `ConflictDialogBody`. Two people rarely save at once. */
export const ConflictDialog = lateDialog(() =>
  import('./ConflictDialogBody.tsx').then((m) => m.ConflictDialogBody),
)
