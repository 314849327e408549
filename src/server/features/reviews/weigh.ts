import type { LineThen } from '../../../contract/reviews.ts'
import { riskFrom } from '../../decision/risk.ts'
import type { Holding } from './holdings.ts'

const day = 86_400_000
/** PCI DSS 8.2.6: what was not used for 90 days is to go. */
const idleDays = 90
/** Before that nobody can tell whether it will be used; whoever does not come for so long needs nothing. */
const newDays = 30

const daysSince = (at: Date, now: Date) => Math.floor((now.getTime() - at.getTime()) / day)
const days = (count: number) => (count === 1 ? '1 day' : `${count} days`)
const ago = (at: Date, now: Date) => {
  const count = daysSince(at, now)
  return count < 1 ? 'today' : `${days(count)} ago`
}
const later = (one: Date, other: Date) => (one > other ? one : other)

type Recommendation = LineThen['recommendation']
const revoke = (because: string): Recommendation => ({ decision: 'revoke', because })
const none = (because: string): Recommendation => ({ decision: 'none', because })

/** What would be done by whoever only looked at use, with the reason: of the person's own, whatever their team does. */
export function recommendationFor(row: Holding, now: Date): Recommendation {
  if (row.leftAt) return revoke(`${row.personName} has left.`)
  return byAbsence(row, now) ?? byUse(row, now)
}

/** Of whoever never came, or not for long. */
function byAbsence(row: Holding, now: Date): Recommendation | undefined {
  const { personName, lastSeenAt, personSince, heldSince } = row
  if (!lastSeenAt) {
    if (daysSince(later(personSince, heldSince), now) >= newDays) {
      return revoke(`${personName} has never signed in.`)
    }
    return none(`${personName} has not signed in yet. It was granted ${ago(row.grantedAt, now)}.`)
  }
  if (daysSince(lastSeenAt, now) < newDays) return undefined
  return revoke(`${personName} was last seen ${ago(lastSeenAt, now)}.`)
}

/** What the team as a whole does says nothing of the person, and is said as the team's. */
const teamSaid = ({ teamName, grantUsedAt }: Holding, now: Date) =>
  teamName && grantUsedAt ? ` Somebody in ${teamName} used it ${ago(grantUsedAt, now)}.` : ''

function byUse(row: Holding, now: Date): Recommendation {
  const { personName, lastUsedAt } = row
  if (lastUsedAt && daysSince(lastUsedAt, now) < idleDays) {
    return {
      decision: 'keep',
      because: `It was last used ${ago(lastUsedAt, now)} by ${personName}.`,
    }
  }
  if (lastUsedAt) {
    return revoke(
      `${personName} last used it ${ago(lastUsedAt, now)}.${othersSaid(row, lastUsedAt, now)}`,
    )
  }
  return neverUsed(row, now)
}

const othersSaid = (row: Holding, lastUsedAt: Date, now: Date) =>
  row.grantUsedAt && row.grantUsedAt > lastUsedAt ? teamSaid(row, now) : ''

function neverUsed(row: Holding, now: Date): Recommendation {
  const { personName, teamName, grantedAt, heldSince, bySince } = row
  const known = bySince ? later(heldSince, bySince) : heldSince
  const [age, when] = [daysSince(known, now), ago(known, now)]
  const old = age >= newDays
  if (teamName === null) {
    return old
      ? revoke(`It was never used in the ${days(age)} since it was granted.`)
      : none(`It was granted ${when} and not used yet.`)
  }
  const [since, lately] =
    known > heldSince
      ? [
          `it is known who in ${teamName} uses it`,
          `Who in ${teamName} uses it is known since ${when}`,
        ]
      : heldSince > grantedAt
        ? [`they came into ${teamName}`, `They came into ${teamName} ${when}`]
        : [`it was granted to ${teamName}`, `It was granted to ${teamName} ${when}`]
  const team = teamSaid(row, now)
  return old
    ? revoke(`${personName} has not used it in the ${days(age)} since ${since}.${team}`)
    : none(`${lately}: ${personName} has not used it yet.${team}`)
}

export function riskOf(row: Holding, now: Date): LineThen['risk'] {
  const { personName, lastSeenAt } = row
  return riskFrom([
    [3, 'It holds in the whole organization.', row.scopeKind === 'organization'],
    [3, `${personName} has left.`, row.leftAt !== null],
    [
      2,
      `It reaches ${row.segmentName}, a segment of the tier production.`,
      row.tier === 'production',
    ],
    [2, 'It permits what changes access, rules or secrets.', row.privileged],
    [1, 'It has no end.', row.expiresAt === null],
    [1, `${personName} has never signed in.`, !row.leftAt && !lastSeenAt],
    [
      1,
      `${personName} has not been seen for 30 days.`,
      !row.leftAt && lastSeenAt !== null && daysSince(lastSeenAt, now) >= newDays,
    ],
  ])
}
