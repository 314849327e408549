import { lateDialog } from './late-dialog.ts'

/** Typed confirmation for the irreversible; see `ConfirmDangerDialog`. */
export const ConfirmDanger = lateDialog(() =>
  import('./ConfirmDangerDialog.tsx').then((m) => m.ConfirmDangerDialog),
)
