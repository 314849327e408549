import { duration } from '../../../contract/duration.ts'
import type { InputOf } from '../../../contract/index.ts'
import { invalidField, problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { makeGrant, placeSeen } from '../grants/service.ts'
import {
  givenTo,
  isDecider,
  isOwn,
  obstacle,
  personOf,
  placeOfRequest,
  requestResource,
  scopeGiven,
  scopeShown,
  standingOf,
} from './standing.ts'
import {
  demandFresh,
  demandOpen,
  holdsAlready,
  locked,
  minute,
  none,
  placeColumns,
  put,
  subjectOf,
} from './the-request.ts'
import { met, stepFor } from './steps.ts'
import { addStep, findRequest, heldUntil, ruleOf, type RequestRow } from './store.ts'

/** Makes what is asked for smaller; answers the request as it is then. */
async function narrowed(
  scope: Scope,
  row: RequestRow,
  input: Pick<InputOf<'requests.approve'>, 'durationMinutes' | 'scope'>,
): Promise<RequestRow> {
  const durationMinutes = input.durationMinutes ?? row.durationMinutes
  if (durationMinutes > row.durationMinutes) {
    throw invalidField(
      'durationMinutes',
      `must be at most the ${duration(row.durationMinutes)} asked for`,
    )
  }
  const wanted = input.scope && (await placeSeen(scope, input.scope))
  const current = placeOfRequest(row)
  const moves = wanted && current && (wanted.kind !== current.kind || wanted.id !== current.id)
  if (moves && row.scopeKind !== 'organization' && wanted.within[row.scopeKind] !== current.id) {
    throw invalidField('scope', `must lie in ${row.scopeName}`)
  }
  if (!moves && durationMinutes === row.durationMinutes) return row
  const asked = row.asked ?? { scope: scopeShown(row), durationMinutes: row.durationMinutes }
  await scope.db
    .updateTable('accessRequest')
    .set({
      durationMinutes,
      asked: JSON.stringify(asked),
      ...(moves && input.scope && placeColumns(input.scope, wanted)),
    })
    .where('id', '=', row.id)
    .execute()
  const says = [
    ...(durationMinutes < row.durationMinutes
      ? [`${duration(durationMinutes)} instead of ${duration(row.durationMinutes)}`]
      : []),
    ...(moves ? [`${wanted.name} instead of ${row.scopeName}`] : []),
  ]
  const step = { kind: 'narrowed' as const, personId: personOf(scope), at: scope.now }
  await addStep(scope.db, row, { ...step, text: says.join(', ') })
  const after = await findRequest(scope.db, row.id, scope.now)
  if (!after) throw none()
  return after
}

/** One approval; the last that is needed makes the grant, in the same transaction. */
export async function approveRequest(
  scope: Scope,
  { requestId, reason, ...smaller }: InputOf<'requests.approve'>,
): Promise<void> {
  const before = await locked(scope, requestId)
  const blocked = obstacle(scope, before)
  if (blocked) throw blocked
  demandFresh(scope, before)
  // A policy may have its own say about who decides on what.
  if (standingOf(scope, before).holds) scope.demand('request:approve', requestResource(before))
  const { roleId } = before
  const row = await narrowed(scope, before, smaller)
  const rule = ruleOf(row)
  // What is granted is what the role may be had for now, however much longer that was when it was asked for.
  if (row.durationMinutes > rule.maxMinutes) {
    const most = duration(rule.maxMinutes)
    throw invalidField('durationMinutes', `must be at most ${most} for ${row.roleNameNow}`)
  }
  const given = givenTo(row)
  const standing = standingOf(scope, row)
  const step = stepFor(rule, given, standing)
  const scopeAsked = scopeGiven(row)
  if (!step || !roleId || !scopeAsked) throw obstacle(scope, row) ?? none()
  const last = standing.holds && met(rule, { ...given, [step]: given[step] + 1 })
  const grant = last ? await granted(scope, row, roleId, scopeAsked) : undefined
  await put(
    scope,
    row,
    { kind: 'approved', step, roleVersion: row.roleVersion ?? 0, text: reason },
    grant
      ? { state: 'approved', grantId: grant.id, ...(!grant.startsAt && { begunAt: scope.now }) }
      : { state: 'pending' },
  )
  scope.record({
    resource: subjectOf(row),
    before: { state: before.stateNow, ...told(before) },
    after: {
      state: grant ? 'approved' : 'pending',
      ...told(row),
      step,
      ...(grant && { grant: grant.id, expiresAt: grant.expiresAt?.toISOString() }),
    },
    ...(reason && { detail: { reason } }),
  })
}

const told = (row: RequestRow) => ({ scope: row.scopeName, durationMinutes: row.durationMinutes })

async function granted(
  scope: Scope,
  row: RequestRow,
  roleId: string,
  at: NonNullable<ReturnType<typeof scopeGiven>>,
) {
  const { db, now } = scope
  const place = placeOfRequest(row)
  const startsAt = row.startsAt && row.startsAt > now ? row.startsAt : undefined
  const held =
    place && (await heldUntil(db, row.requesterId, roleId, place.within, startsAt ?? now))
  if (held !== undefined) throw holdsAlready(held)
  const expiresAt = new Date((startsAt ?? now).getTime() + row.durationMinutes * minute)
  const grant = await makeGrant(
    scope,
    {
      roleId,
      subject: { kind: 'person', id: row.requesterId },
      scope: at,
      expiresAt: expiresAt.toISOString(),
      reason: row.reason,
    },
    { may: 'request:approve', ...(startsAt && { startsAt }) },
  )
  scope.also('grants.create', { ...grant.record, detail: { request: row.id } })
  return { ...grant, startsAt }
}

/** Whether the actor is among those who decide on it, and it is open. */
async function refusing(scope: Scope, id: string): Promise<RequestRow> {
  const row = await locked(scope, id)
  if (isOwn(scope, row)) throw problem('forbidden', 'Nobody decides on their own request.')
  demandOpen(row)
  const blocked = !isDecider(scope, row) && obstacle(scope, row)
  if (blocked) throw blocked
  demandFresh(scope, row)
  return row
}

export async function denyRequest(
  scope: Scope,
  { requestId, reason }: InputOf<'requests.deny'>,
): Promise<void> {
  const row = await refusing(scope, requestId)
  await put(scope, row, { kind: 'denied', text: reason }, { state: 'denied' })
  scope.record({
    resource: subjectOf(row),
    before: { state: row.stateNow },
    after: { state: 'denied', reason },
  })
}

export async function askBack(
  scope: Scope,
  { requestId, question }: InputOf<'requests.askBack'>,
): Promise<void> {
  const row = await refusing(scope, requestId)
  await put(scope, row, { kind: 'asked_back', text: question }, { state: 'asked_back' })
  scope.record({
    resource: subjectOf(row),
    before: { state: row.stateNow },
    after: { state: 'asked_back', question },
  })
}
