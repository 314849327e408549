import type { ExceptionState } from '../../../contract/exceptions.ts'
import { Status, type Meaning } from '../../ui/Status.tsx'

const states: Record<ExceptionState, { is: Meaning; word: string }> = {
  pending: { is: 'would', word: 'Waits' },
  active: { is: 'permitted', word: 'Active' },
  expired: { is: 'unknown', word: 'Expired' },
  ended: { is: 'denied', word: 'Ended early' },
  denied: { is: 'denied', word: 'Denied' },
  withdrawn: { is: 'unknown', word: 'Withdrawn' },
  lapsed: { is: 'unknown', word: 'Lapsed' },
}

export const exceptionStates = Object.entries(states).map(([value, { word }]) => ({
  value,
  label: word,
}))

export function ExceptionStateBadge({ state }: { readonly state: ExceptionState }) {
  const { is, word } = states[state]
  return <Status is={is}>{word}</Status>
}
