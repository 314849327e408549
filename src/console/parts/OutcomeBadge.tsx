import type { Outcome } from '../../contract/decisions.ts'
import { Status } from '../ui/Status.tsx'
import { outcomes } from './outcomes.ts'

export function OutcomeBadge({ outcome }: { outcome: Outcome }) {
  const { is, word } = outcomes[outcome]
  return <Status is={is}>{word}</Status>
}
