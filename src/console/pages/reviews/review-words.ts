import { answerWord, stateWords } from '../../../contract/review-words.ts'
import type { Review, ReviewLine } from '../../../contract/reviews.ts'
import type { Meaning } from '../../ui/Status.tsx'

const meanings: Record<Review['state'], Meaning> = {
  running: 'would',
  applying: 'info',
  closed: 'good',
  cancelled: 'plain',
}

export const stateSaid = ({ state }: Pick<Review, 'state'>): { is: Meaning; word: string } => ({
  is: meanings[state],
  word: stateWords[state],
})

const answers: Record<ReturnType<typeof answerWord>, Meaning> = {
  Open: 'unknown',
  Keep: 'permitted',
  Revoked: 'denied',
  'Was over': 'denied',
  'Not revoked': 'high',
  Revoke: 'denied',
}

/** An answer with what came of it: a shape and a word. */
export function answerSaid(line: Pick<ReviewLine, 'decision' | 'result'>): {
  is: Meaning
  word: string
} {
  const word = answerWord(line)
  return { is: answers[word], word }
}
