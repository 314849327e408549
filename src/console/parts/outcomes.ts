import type { Outcome } from '../../contract/decisions.ts'
import type { Meaning } from '../ui/Status.tsx'

/** One meaning, shape and word per outcome, everywhere. */
export const outcomes: Readonly<Record<Outcome, { is: Meaning; word: string }>> = {
  permitted: { is: 'permitted', word: 'Permitted' },
  would_deny: { is: 'would', word: 'Would be denied' },
  denied: { is: 'denied', word: 'Denied' },
  failed: { is: 'unknown', word: 'Failed' },
}
