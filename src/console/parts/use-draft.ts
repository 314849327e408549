import { useState } from 'react'
import { same } from '../ui/same.ts'

/**
 * What a person edits, with the object they began from: its version is the one they looked at, whatever was loaded
 * since. An untouched form follows what is loaded; a touched one keeps what was typed and meets the other at saving.
 */
export function useDraft<O extends { readonly version: number }, T extends object>(
  loaded: O,
  read: (from: O) => T,
) {
  const [base, setBase] = useState(loaded)
  const [draft, setDraft] = useState(() => read(loaded))
  const touched = !same(read(base), draft)
  const follow = (next: O) => {
    setBase(next)
    setDraft(read(next))
  }
  if (loaded.version > base.version && !touched) follow(loaded)
  return {
    draft,
    touched,
    /** What the person began from. */
    base,
    /** The version that saving expects. */
    version: base.version,
    set: (patch: Partial<T>) => setDraft((before) => ({ ...before, ...patch })),
    follow,
  }
}
