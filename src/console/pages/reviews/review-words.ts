import type { Review, ReviewDetail, ReviewLine } from '../../../contract/reviews.ts'
import type { Meaning } from '../../ui/Status.tsx'

export const states: Record<Review['state'], { is: Meaning; word: string }> = {
  running: { is: 'would', word: 'Running' },
  applying: { is: 'info', word: 'Being carried out' },
  closed: { is: 'good', word: 'Closed' },
}

/** What is looked at: “Team Payments, privileged only, unused for 90 days”. */
export function scopeSaid({ scope }: Pick<Review, 'scope'>): string {
  const { kind, name, privileged, unusedDays } = scope
  const what =
    kind === 'organization'
      ? 'The organization'
      : `${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${name}`
  return [
    what,
    ...(privileged ? ['privileged only'] : []),
    ...(unusedDays ? [`unused for ${unusedDays} days`] : []),
  ].join(', ')
}

export const unanswered: Record<Review['withoutAnswer'], string> = {
  keep: 'kept',
  revoke: 'revoked',
  recommendation: 'as recommended',
}

export const reviewersSaid: Record<ReviewDetail['reviewers'], string> = {
  leads: 'leads of the team',
  owners: 'leads of the team that owns the place',
  named: 'people by name',
}

/** An answer with what came of it: a shape and a word. */
export function answerSaid({ decision, result }: Pick<ReviewLine, 'decision' | 'result'>): {
  is: Meaning
  word: string
} {
  if (!decision) return { is: 'unknown', word: 'Open' }
  if (decision === 'keep') return { is: 'permitted', word: 'Keep' }
  switch (result) {
    case 'applied':
      return { is: 'denied', word: 'Revoked' }
    case 'over':
      return { is: 'denied', word: 'Was over' }
    case 'failed':
      return { is: 'high', word: 'Not revoked' }
    default:
      return { is: 'denied', word: 'Revoke' }
  }
}

export const recommended: Record<ReviewLine['recommendation']['decision'], string> = {
  keep: 'Keep',
  revoke: 'Revoke',
  none: 'None',
}

export const pathSaid = ({ via }: Pick<ReviewLine, 'via'>) =>
  via.kind === 'team' ? `team ${via.name}` : 'directly'
