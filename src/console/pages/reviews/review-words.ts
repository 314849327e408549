import { answerWord, stateWords } from '../../../contract/review-words.ts'
import type { OutputOf } from '../../../contract/index.ts'
import type { Review, ReviewDetail, ReviewLine } from '../../../contract/reviews.ts'
import { num } from '../../ui/format.ts'
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

/** Nobody signs off what had no line, or was due. */
export const signerSaid = ({ signedBy, lines }: Pick<ReviewDetail, 'signedBy' | 'lines'>): string =>
  signedBy?.name ??
  (lines === 0 ? 'Sallyport: there was nothing to answer' : 'Sallyport: it was due')

/** What became of the access since the start, in numbers. */
export const driftSaid = ({ gone, added, left }: OutputOf<'reviews.drift'>): string =>
  [
    `${num(gone)} gone`,
    `${num(added)} added`,
    ...(left > 0 ? [`${num(left)} of people who left`] : []),
  ].join(', ')
