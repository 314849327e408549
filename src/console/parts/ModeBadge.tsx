import { Status, type Meaning } from '../ui/Status.tsx'

const modes: Record<string, { is: Meaning; word: string }> = {
  draft: { is: 'plain', word: 'Draft' },
  evaluate: { is: 'would', word: 'Evaluate' },
  enforce: { is: 'permitted', word: 'Enforce' },
}

/** A policy's mode: draft decides nothing, evaluate records what it would deny, enforce denies. */
export function ModeBadge({ mode }: { mode: 'draft' | 'evaluate' | 'enforce' }) {
  const { is, word } = modes[mode]!
  return <Status is={is}>{word}</Status>
}
