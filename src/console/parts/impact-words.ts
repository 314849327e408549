import type { Impact } from '../../contract/impact.ts'
import { count, num } from '../ui/format.ts'

/** Of runs one says uses by projects, of console actions actions by people. */
export type Asked = 'uses' | 'actions'

/** “14 of 2,310 uses by 3 projects in 30 days would now be denied; 0 newly permitted”. */
export function impactSentence(impact: Impact, what: Asked): string {
  const { asked, days, newlyDenied, newlyPermitted, deniedBy, permittedBy, more } = impact
  const by = (groups: Impact['deniedBy']) => {
    if (groups.length === 0) return ''
    const counted = what === 'uses' ? count(groups.length, 'project') : people(groups.length)
    return ` by ${groups.length >= 200 ? 'at least ' : ''}${counted}`
  }
  const of = `${more ? 'the newest ' : ''}${num(asked)} ${what}`
  if (asked === 0) return `There were no ${what} in ${days} days that it concerns.`
  if (newlyDenied === 0 && newlyPermitted === 0) {
    return `None of ${of} in ${days} days would turn.`
  }
  const opened =
    newlyPermitted === 0
      ? '0 newly permitted'
      : `${num(newlyPermitted)}${by(permittedBy)} newly permitted`
  return `${num(newlyDenied)} of ${of}${by(deniedBy)} in ${days} days would now be denied; ${opened}.`
}

const people = (many: number) => count(many, 'person', 'people')

/** Why a change that opens something cannot be saved yet. */
export const missingReason = (impact: Impact | undefined | null, reason: string) =>
  impact && impact.newlyPermitted > 0 && reason.trim() === ''
    ? 'It newly permits something: say why.'
    : undefined
