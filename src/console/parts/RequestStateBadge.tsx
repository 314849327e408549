import type { RequestState } from '../../contract/requests.ts'
import { Status, type Meaning } from '../ui/Status.tsx'

const states: Record<RequestState, { is: Meaning; word: string }> = {
  pending: { is: 'would', word: 'Waits' },
  asked_back: { is: 'would', word: 'Asked back' },
  scheduled: { is: 'info', word: 'Begins later' },
  active: { is: 'permitted', word: 'Active' },
  expired: { is: 'unknown', word: 'Expired' },
  revoked: { is: 'denied', word: 'Ended early' },
  denied: { is: 'denied', word: 'Denied' },
  withdrawn: { is: 'unknown', word: 'Withdrawn' },
  lapsed: { is: 'unknown', word: 'Lapsed' },
}

export const stateChoices = [
  { value: 'open', label: 'Open' },
  ...Object.entries(states).map(([value, { word }]) => ({ value, label: word })),
]

/** Expired by itself, ended early, and lapsed without an answer are told apart. */
export function RequestStateBadge({ state }: { readonly state: RequestState }) {
  const { is, word } = states[state]
  return <Status is={is}>{word}</Status>
}
