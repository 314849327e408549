import { currentOf } from '../api/problem.ts'
import { ConflictDialog } from '../ui/ConflictDialog.tsx'

interface Props<T> {
  /** The change that was refused (412); nothing is shown of any other refusal. */
  readonly change: { readonly error: unknown; readonly reset: () => void }
  /** What was changed, where it has no name of its own. */
  readonly name?: string
  /** What the form would save: the fields that it edits, and no others. */
  readonly mine: object
  /** The same fields of what somebody else has saved. */
  readonly told: (theirs: T) => object
  readonly save: (over: number) => void
  readonly follow: (theirs: T) => void
}

/** Who saves after somebody else sees both versions, and chooses; beside `useDraft`, whose `follow` takes theirs. */
export function LostRace<T extends { readonly version: number; readonly name?: string }>({
  change,
  name,
  mine,
  told,
  save,
  follow,
}: Props<T>) {
  const theirs = currentOf<T>(change.error)
  if (!theirs) return null
  return (
    <ConflictDialog
      opened
      name={name ?? theirs.name ?? ''}
      mine={{ ...mine }}
      theirs={{ ...told(theirs) }}
      onKeepMine={() => save(theirs.version)}
      onTakeTheirs={() => {
        follow(theirs)
        change.reset()
      }}
      onClose={() => change.reset()}
    />
  )
}
