import type { LineThen, ReviewersKind } from '../../../contract/reviews.ts'
import type { Db } from '../../db/connect.ts'
import { problem } from '../../http/problem.ts'
import { grantPlace } from '../grants/service.ts'
import {
  activeOf,
  holdersOf,
  holdingsIn,
  membershipsAround,
  mostLines,
  placeKey,
  type Holding,
  type Membership,
  type ReviewScope,
} from './holdings.ts'
import { recommendationFor, riskOf } from './weigh.ts'

export interface ReviewersGiven {
  readonly reviewers: ReviewersKind
  readonly people: readonly string[]
  readonly fallback: readonly string[]
}

export interface NewLine {
  readonly frozen: LineThen
  readonly reviewers: readonly string[]
}

/** The access within a scope, line by line as it stands now, each with who is to review it; nobody their own. */
export async function snapshotOf(
  db: Db,
  scope: ReviewScope,
  given: ReviewersGiven,
  now: Date,
): Promise<NewLine[]> {
  const holdings = await holdingsIn(db, scope, now)
  if (holdings.length > mostLines) {
    const sentence = `That is more than ${mostLines} lines. Choose a narrower scope, and review the rest by another.`
    throw problem('limit_reached', sentence)
  }
  const distinct = (ids: readonly (string | null)[]) =>
    [...new Set(ids)].filter((id) => id !== null)
  const teams = teamsOf(
    await membershipsAround(
      db,
      distinct(holdings.map(({ personId }) => personId)),
      distinct(holdings.flatMap(({ teamId, ownerTeam }) => [teamId, ownerTeam])),
    ),
  )
  const holders = await holdersOf(db, distinct(holdings.map(({ roleId }) => roleId)), now)
  const peersOf = countingPeers(teams, holders)
  const named = await activeOf(db, [...given.people, ...given.fallback])
  const isActive = (id: string) => named.has(id)
  const active = {
    people: given.people.filter(isActive),
    fallback: given.fallback.filter(isActive),
  }
  return holdings.map((row, at) => ({
    frozen: lineOf(row, at + 1, peersOf(row), now),
    reviewers: reviewersOf(row, { ...given, ...active }, teams),
  }))
}

interface Teams {
  readonly people: ReadonlyMap<string, readonly string[]>
  readonly leads: ReadonlyMap<string, readonly string[]>
  readonly of: ReadonlyMap<string, readonly string[]>
}

function teamsOf(memberships: readonly Membership[]): Teams {
  const grouped = (
    some: readonly Membership[],
    by: 'teamId' | 'personId',
    what: 'teamId' | 'personId',
  ) =>
    new Map(
      [...Map.groupBy(some, (one) => one[by])].map(([key, all]) => [
        key,
        all.map((one) => one[what]),
      ]),
    )
  return {
    people: grouped(memberships, 'teamId', 'personId'),
    leads: grouped(
      memberships.filter(({ lead }) => lead),
      'teamId',
      'personId',
    ),
    of: grouped(memberships, 'personId', 'teamId'),
  }
}

/** Who may answer a line: whom the review says, and where that is nobody but themselves, the first fallback. */
function reviewersOf(row: Holding, given: ReviewersGiven, teams: Teams): string[] {
  const { personId, teamId, ownerTeam } = row
  const leadsOf = (ids: readonly (string | null)[]) =>
    ids.flatMap((id) => (id === null ? [] : (teams.leads.get(id) ?? [])))
  const wanted =
    given.reviewers === 'named'
      ? given.people
      : given.reviewers === 'owners'
        ? leadsOf([ownerTeam])
        : leadsOf(teamId ? [teamId] : (teams.of.get(personId) ?? []))
  const others = [...new Set(wanted)].filter((id) => id !== personId)
  if (others.length > 0) return others
  return given.fallback.filter((id) => id !== personId).slice(0, 1)
}

/**
 * Counts a line's peers. Whoever is in the same teams has the same ones but for themselves, so that a large team is gone
 * through once for each role and place, not once for each in it.
 */
function countingPeers(teams: Teams, holders: ReadonlyMap<string, ReadonlySet<string>>) {
  const unions = new Map<string, ReadonlySet<string>>()
  const counts = new Map<string, number>()
  return (row: Holding): LineThen['peers'] => {
    const own = teams.of.get(row.personId) ?? []
    const of = own.toSorted().join(' ')
    const around = unions.get(of) ?? new Set(own.flatMap((id) => teams.people.get(id) ?? []))
    unions.set(of, around)
    const role = `${row.roleId} ${placeKey(row)}`
    const [here, everywhere] = [holders.get(role), holders.get(`${row.roleId} organization`)]
    const holds = (id: string) => Boolean(here?.has(id) || everywhere?.has(id))
    const key = `${of} ${role}`
    const held = counts.get(key) ?? [...around].filter(holds).length
    counts.set(key, held)
    const self = around.has(row.personId)
    return {
      people: around.size - Number(self),
      hold: held - Number(self && holds(row.personId)),
    }
  }
}

function lineOf(row: Holding, number: number, peers: LineThen['peers'], now: Date): LineThen {
  return {
    number,
    grantId: row.grantId,
    person: { id: row.personId, name: row.personName, email: row.email },
    role: { id: row.roleId, name: row.roleName },
    scope: grantPlace(row),
    via:
      row.teamId === null
        ? { kind: 'person', id: row.personId, name: row.personName }
        : { kind: 'team', id: row.teamId, name: row.teamName ?? '' },
    privileged: row.privileged,
    ...(row.expiresAt && { expiresAt: row.expiresAt.toISOString() }),
    ...(row.lastUsedAt && { lastUsedAt: row.lastUsedAt.toISOString() }),
    uses: row.uses,
    ...(row.teamId !== null && {
      teamUse: {
        ...(row.grantUsedAt && { lastUsedAt: row.grantUsedAt.toISOString() }),
        uses: row.grantUses,
      },
    }),
    grantedBy: row.grantedBy ?? '',
    grantedAt: row.grantedAt.toISOString(),
    reason: row.reason,
    peers,
    risk: riskOf(row, now),
    recommendation: recommendationFor(row, now),
  }
}
