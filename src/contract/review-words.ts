import type { Diligence, Review, ReviewDetail, ReviewLine } from './reviews.ts'

/** How far a review is, in a word. */
export const stateWords: Record<Review['state'], string> = {
  running: 'Running',
  applying: 'Being carried out',
  closed: 'Closed',
  cancelled: 'Cancelled',
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

export const recommended: Record<ReviewLine['recommendation']['decision'], string> = {
  keep: 'Keep',
  revoke: 'Revoke',
  none: 'None',
}

/** What is recommended by now: whoever has left meanwhile needs nothing. */
export const recommendationOf = ({
  recommendedNow,
  recommendation,
}: Pick<ReviewLine, 'recommendedNow' | 'recommendation'>) => recommendedNow ?? recommendation

/** How long a line took: "4.5 s", "2.3 min"; a dash where nothing tells. */
export function tookSaid(seconds: number | undefined): string {
  if (seconds === undefined) return '–'
  const [many, unit] = seconds < 60 ? [seconds, 's'] : [seconds / 60, 'min']
  return `${Math.round(many * 10) / 10} ${unit}`
}

/** What one reviewer did, in a line. */
export const diligenceSaid = (work: Omit<Diligence, 'reviewer' | 'firstAt' | 'lastAt'>): string =>
  [
    `${work.lines} ${work.lines === 1 ? 'line' : 'lines'}`,
    ...(work.medianSeconds === undefined
      ? []
      : [`one took ${tookSaid(work.medianSeconds)} (median)`]),
    `${work.atOnce} answered several at once`,
    `${work.revoked} to be revoked`,
    `${work.against} not as recommended`,
    `${work.justified} with a note`,
  ].join(', ')

export const pathSaid = ({ via }: Pick<ReviewLine, 'via'>) =>
  via.kind === 'team' ? `team ${via.name}` : 'directly'

/** An answer with what came of it, in a word. */
export function answerWord({ decision, result }: Pick<ReviewLine, 'decision' | 'result'>) {
  if (!decision) return 'Open'
  if (decision === 'keep') return 'Keep'
  switch (result) {
    case 'applied':
      return 'Revoked'
    case 'over':
      return 'Was over'
    case 'failed':
      return 'Not revoked'
    default:
      return 'Revoke'
  }
}
