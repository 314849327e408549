import type { LineThen } from '../../../contract/reviews.ts'
import { riskFrom } from '../../decision/risk.ts'
import type { Holding } from './holdings.ts'

const day = 86_400_000
/** PCI DSS 8.2.6: what was not used for 90 days is to go. */
const idleDays = 90
/** Before that nobody can tell whether it will be used. */
const newDays = 30

const daysSince = (at: Date, now: Date) => Math.floor((now.getTime() - at.getTime()) / day)
const days = (count: number) => (count === 1 ? '1 day' : `${count} days`)

/** What would be done by whoever only looked at use, with the reason. */
export function recommendationFor(row: Holding, now: Date): LineThen['recommendation'] {
  const { personName, teamName, lastUsedAt } = row
  const who = teamName ? `somebody in ${teamName}` : personName
  const revoke = (because: string) => ({ decision: 'revoke' as const, because })
  if (row.left) return revoke(`${personName} has left.`)
  const unseen = row.lastSeenAt ? daysSince(row.lastSeenAt, now) : undefined
  if (unseen !== undefined && unseen >= idleDays) {
    return revoke(`${personName} was last seen ${days(unseen)} ago.`)
  }
  if (lastUsedAt) {
    const idle = daysSince(lastUsedAt, now)
    if (idle >= idleDays) return revoke(`It was last used ${days(idle)} ago.`)
    const when = idle < 1 ? 'today' : `${days(idle)} ago`
    return { decision: 'keep', because: `It was last used ${when} by ${who}.` }
  }
  const age = daysSince(row.grantedAt, now)
  if (age < newDays) {
    return {
      decision: 'none',
      because: `It was granted ${age < 1 ? 'today' : `${days(age)} ago`} and not used yet.`,
    }
  }
  return revoke(`It was never used in the ${days(age)} since it was granted.`)
}

export function riskOf(row: Holding, now: Date): LineThen['risk'] {
  const { personName, lastSeenAt } = row
  return riskFrom([
    [3, 'It holds in the whole organization.', row.scopeKind === 'organization'],
    [3, `${personName} has left.`, row.left],
    [
      2,
      `It reaches ${row.segmentName}, a segment of the tier production.`,
      row.tier === 'production',
    ],
    [2, 'It permits what changes access, rules or secrets.', row.privileged],
    [1, 'It has no end.', row.expiresAt === null],
    [
      1,
      `${personName} has not been seen for 30 days.`,
      !row.left && (!lastSeenAt || daysSince(lastSeenAt, now) >= 30),
    ],
  ])
}
