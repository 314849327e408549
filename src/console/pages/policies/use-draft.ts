import { useState } from 'react'
import type { PolicyDetail } from '../../../contract/policies.ts'

/**
 * What a person edits, with the policy they began from: its version is the one they looked at, whatever was loaded
 * since. An untouched form follows what is loaded; a touched one keeps what was typed and meets the other at saving.
 */
export function useDraft<T extends Readonly<Record<string, string>>>(
  policy: PolicyDetail,
  read: (policy: PolicyDetail) => T,
) {
  const [base, setBase] = useState(policy)
  const [draft, setDraft] = useState(() => read(policy))
  const touched = Object.entries(read(base)).some(([key, value]) => draft[key] !== value)
  const follow = (next: PolicyDetail) => {
    setBase(next)
    setDraft(read(next))
  }
  if (policy.version > base.version && !touched) follow(policy)
  return {
    draft,
    touched,
    /** The version that saving expects. */
    version: base.version,
    set: (patch: Partial<T>) => setDraft((before) => ({ ...before, ...patch })),
    follow,
  }
}
