import type { RequestAct } from '../../../contract/requests.ts'
import { heldSomewhere } from '../../decision/holdings.ts'
import type { Resource } from '../../decision/types.ts'
import { demandPerson } from '../../http/person.ts'
import { problem, type ProblemError } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { organization } from '../../decision/organization.ts'
import { whyNotHanded } from '../grants/service.ts'
import { givenBy, met, stepFor, type Given, type Standing } from './steps.ts'
import { ledTeams, ruleOf, type RequestRow, type Stake } from './store.ts'

const scopeId = (row: RequestRow): string | null => row.segmentId ?? row.projectId ?? row.contextId

/** Where the role was asked for; nothing once the place is gone. */
export function placeOfRequest(row: RequestRow): Resource | undefined {
  if (row.scopeKind === 'organization') return organization
  const id = scopeId(row)
  if (!id) return undefined
  return { kind: row.scopeKind, id, name: row.scopeName, within: withinOf(row) }
}

const withinOf = (row: RequestRow): Resource['within'] => ({
  ...(row.withinSegment && { segment: row.withinSegment }),
  ...(row.projectId && { project: row.projectId }),
  ...(row.contextId && { context: row.contextId }),
})

/** A request lies where the role was asked for. */
export const requestResource = (row: RequestRow): Resource => ({
  kind: 'request',
  id: row.id,
  name: `${row.roleNameNow} in ${row.scopeName} for ${row.requesterName}`,
  within: withinOf(row),
})

/** What is asked for, as a grant's scope is given. */
export function scopeGiven(row: RequestRow) {
  const id = scopeId(row)
  if (row.scopeKind === 'organization') return { kind: row.scopeKind }
  return id ? { kind: row.scopeKind, id } : undefined
}

export const scopeShown = (row: RequestRow) => {
  const id = scopeId(row)
  return { kind: row.scopeKind, ...(id && { id }), name: row.scopeName }
}

/** What knowing one's stake takes of a scope, also of a stream's. */
type Asking = Pick<Scope, 'actor' | 'reach' | 'decide'>

export const personOf = (scope: Pick<Scope, 'actor'>): string =>
  demandPerson(scope, 'Only people ask for access and decide on it.')

const decidesSomewhere = (scope: Asking): boolean => heldSomewhere(scope.reach('request:approve'))

const decidesEverywhere = (scope: Asking): boolean =>
  scope.decide('request:approve', organization).outcome === 'permitted'

export const stakeOf = (scope: Asking): Stake => ({
  personId: personOf(scope),
  leads: decidesSomewhere(scope) ? ledTeams(scope.actor) : [],
  everywhere: decidesEverywhere(scope),
  sees: scope.reach('request:view'),
})

/** Why the actor cannot give there what deciding and the role give; nothing when they can. */
const whyNotGiven = (scope: Scope, row: RequestRow, place: Resource): ProblemError | undefined =>
  whyNotHanded(scope, ['request:approve', ...row.permissions], place)

/** Whether the actor is among those who decide on it, whatever they hold. */
function decides(scope: Scope, row: RequestRow): Pick<Standing, 'lead' | 'security'> {
  const leads = new Set(decidesSomewhere(scope) ? ledTeams(scope.actor) : [])
  return {
    lead: [...row.requesterTeams, row.ownerTeam].some((id) => id !== null && leads.has(id)),
    security: decidesEverywhere(scope),
  }
}

export const isDecider = (scope: Scope, row: RequestRow): boolean => {
  const { lead, security } = decides(scope, row)
  return lead || security
}

export function standingOf(scope: Scope, row: RequestRow): Standing {
  const place = placeOfRequest(row)
  return {
    ...decides(scope, row),
    holds: place !== undefined && !whyNotGiven(scope, row, place),
  }
}

/** Approvals of the role as it is now, by people who might still give them. */
export const givenTo = (row: RequestRow): Given =>
  givenBy(row.approvals.filter(({ roleVersion }) => roleVersion === row.roleVersion))

export const isOwn = (scope: Scope, row: RequestRow): boolean =>
  row.requesterId === scope.actor.personId

/** Whoever has nothing to do with a request does not learn that it is there. */
export function visible(scope: Scope, row: RequestRow): boolean {
  if (isOwn(scope, row)) return true
  return (
    isDecider(scope, row) ||
    scope.decide('request:view', requestResource(row)).outcome === 'permitted'
  )
}

const settled: Partial<Record<RequestRow['stateNow'], string>> = {
  denied: 'It was denied already.',
  withdrawn: 'It was withdrawn.',
  lapsed: 'It lapsed: nobody decided in time. It can be asked for anew.',
}

/** Why the actor cannot decide on it now; nothing when they can. */
export function obstacle(scope: Scope, row: RequestRow): ProblemError | undefined {
  if (isOwn(scope, row)) return problem('forbidden', 'Nobody decides on their own request.')
  if (row.stateNow === 'lapsed') return problem('conflict', settled.lapsed ?? '')
  if (row.stateNow !== 'pending' && row.stateNow !== 'asked_back') {
    return problem('already_decided', settled[row.stateNow] ?? 'It was approved already.')
  }
  if (row.requesterState === 'left') {
    return problem('conflict', `${row.requesterName} has left since. Deny the request.`)
  }
  if (!row.roleId) return problem('conflict', 'The role was deleted since. Deny the request.')
  const place = placeOfRequest(row)
  if (!place) {
    return problem('conflict', 'What it was asked for is gone. Deny the request.')
  }
  if (row.extendsEnded) {
    const sentence =
      'The access that it goes on with was ended before its time. Deny the request: it can be asked for anew.'
    return problem('conflict', sentence)
  }
  const rule = ruleOf(row)
  if (!rule.requestable) {
    return problem('conflict', `${row.roleNameNow} cannot be asked for any more. Deny the request.`)
  }
  const given = givenTo(row)
  const standing = standingOf(scope, row)
  if (!standing.lead && !standing.security) {
    return problem(
      'forbidden',
      `Leads of ${row.requesterName}’s teams, of the team that owns ${row.scopeName}, and those who hold request:approve on the organization decide on it.`,
      { permission: 'request:approve' },
    )
  }
  const mine = row.approvals.some(
    ({ by, roleVersion }) => by === scope.actor.personId && roleVersion === row.roleVersion,
  )
  if (mine) return problem('conflict', 'You have approved it. It waits for somebody else.')
  if (stepFor(rule, given, standing)) return undefined
  if (!met(rule, given)) {
    const before = rule.leadApprovals > 0 ? 'The leads’ approvals are in. ' : ''
    return problem('forbidden', `${before}A security admin decides next.`, {
      permission: 'request:approve',
    })
  }
  const why = whyNotGiven(scope, row, place)
  return why && problem(why.code, `${why.message} Somebody who can must approve.`, why.details)
}

export function actsOf(scope: Scope, row: RequestRow): RequestAct[] {
  const { stateNow } = row
  const open = stateNow === 'pending' || stateNow === 'asked_back'
  const lives = stateNow === 'active' || stateNow === 'scheduled'
  const own = isOwn(scope, row)
  // Denying asks no more than to be among those who decide.
  const refuses = open && !own && isDecider(scope, row)
  // It is the grant that is ended: policies are asked about that, as they are when it is.
  const grant = row.grantId && { ...requestResource(row), kind: 'grant' as const, id: row.grantId }
  const ends = own || (grant && scope.decide('grant:revoke', grant).outcome === 'permitted')
  const acts: readonly [RequestAct, boolean][] = [
    ['approve', open && !own && obstacle(scope, row) === undefined],
    ['deny', refuses],
    ['askBack', refuses && stateNow === 'pending'],
    ['answer', own && stateNow === 'asked_back'],
    ['withdraw', own && open],
    ['end', lives && Boolean(ends)],
    [
      'extend',
      own && stateNow === 'active' && row.roleId !== null && placeOfRequest(row) !== undefined,
    ],
  ]
  return acts.filter(([, may]) => may).map(([act]) => act)
}
