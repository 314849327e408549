import { duration } from '../../../contract/duration.ts'
import type { InputOf } from '../../../contract/index.ts'
import { requestLimits } from '../../../contract/request-limits.ts'
import { newId } from '../../db/new-id.ts'
import type { Resource } from '../../decision/types.ts'
import { invalidField, problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { giveBackGrant, placeSeen, revokeGrants } from '../grants/service.ts'
import { isOwn, personOf, placeOfRequest, stakeOf } from './standing.ts'
import { askedBack, heldUntil, listRequests, openOf, ruleOf, type RequestRow } from './store.ts'
import {
  demandFresh,
  demandOpen,
  holdsAlready,
  locked,
  minute,
  placeColumns,
  put,
  subjectOf,
  theRequest,
  theRole,
} from './the-request.ts'

export { keepRequestsTime } from './clock.ts'
export { requestsFile } from './file.ts'

/** Most of one kind that an inbox names. */
const mostWaiting = 100

/** Requests that wait for the actor's decision, and own ones that wait for an answer. */
export async function requestsWaiting(
  scope: Pick<Scope, 'db' | 'actor' | 'now' | 'reach' | 'decide'>,
) {
  const stake = stakeOf(scope)
  const { db, now } = scope
  const query = { which: 'decide' as const, limit: mostWaiting }
  const decide = (await listRequests(db, stake, query, now)).slice(0, mostWaiting)
  return { decide, answer: await askedBack(db, stake.personId, now) }
}

function demandOwn(scope: Scope, row: RequestRow): void {
  if (!isOwn(scope, row)) throw problem('forbidden', 'It is not your request.')
}

/** Only one's own living access is gone on with, by the same role in the same place; then it begins when that ends. */
async function extended(scope: Scope, id: string, roleId: string, place: Resource) {
  const row = await theRequest(scope, id)
  demandOwn(scope, row)
  if (row.stateNow !== 'active' || !row.grantExpiresAt) {
    throw problem('conflict', 'Only access that has not ended yet is extended. Ask anew.')
  }
  if (row.roleId !== roleId || placeOfRequest(row)?.id !== place.id) {
    throw problem('conflict', 'An extension is for the same role in the same place.')
  }
  return row.grantExpiresAt
}

export async function createRequest(
  scope: Scope,
  input: InputOf<'requests.create'>,
): Promise<string> {
  const { db, now } = scope
  const requesterId = personOf(scope)
  const place = await placeSeen(scope, input.scope)
  const role = await theRole(scope, input.roleId)
  const rule = ruleOf(role)
  if (!rule.requestable) throw problem('conflict', `${role.name} cannot be asked for.`)
  if (input.reason.trim() === '') throw invalidField('reason', 'must say why')
  if (input.durationMinutes > rule.maxMinutes) {
    throw invalidField(
      'durationMinutes',
      `must be at most ${duration(rule.maxMinutes)} for ${role.name}`,
    )
  }
  const given = input.startsAt ? new Date(input.startsAt) : undefined
  if (given && given <= now) throw invalidField('startsAt', 'must lie in the future')
  if (given && given.getTime() - now.getTime() > requestLimits.minutes * minute) {
    throw invalidField('startsAt', 'must lie within a year')
  }
  const goesOn = input.extends && (await extended(scope, input.extends, input.roleId, place))
  const startsAt = goesOn || given
  const held = await heldUntil(db, requesterId, input.roleId, place.within, startsAt || now)
  if (held !== undefined) throw holdsAlready(held)
  if ((await openOf(db, requesterId, now)) >= requestLimits.open) {
    const sentence = `You have ${requestLimits.open} open requests. Withdraw one first.`
    throw problem('limit_reached', sentence)
  }
  // One that has lapsed is not in the way, whether or not that was written down yet.
  await db
    .updateTable('accessRequest')
    .set((set) => ({
      state: 'lapsed',
      decidedAt: set.ref('answerBy'),
      version: set('version', '+', 1),
    }))
    .where('requesterId', '=', requesterId)
    .where('state', 'in', ['pending', 'asked_back'])
    .where('answerBy', '<=', now)
    .execute()
  const id = newId()
  await db
    .insertInto('accessRequest')
    .values({
      id,
      requesterId,
      roleId: input.roleId,
      roleName: role.name,
      ...placeColumns(input.scope, place),
      reason: input.reason,
      ticket: input.ticket ?? null,
      durationMinutes: input.durationMinutes,
      startsAt: startsAt || null,
      extendsId: input.extends ?? null,
      answerBy: new Date(now.getTime() + rule.answerMinutes * minute),
      createdAt: now,
    })
    .execute()
  const { name: requester } = scope.actor
  scope.record({
    resource: { kind: 'request', id, name: `${role.name} in ${place.name} for ${requester}` },
    after: {
      state: 'pending',
      role: role.name,
      scope: place.name,
      durationMinutes: input.durationMinutes,
      ...(startsAt && { startsAt: startsAt.toISOString() }),
      reason: input.reason,
      ...(input.ticket && { ticket: input.ticket }),
    },
  })
  return id
}

export async function answerRequest(
  scope: Scope,
  { requestId, answer }: InputOf<'requests.answer'>,
): Promise<void> {
  const row = await locked(scope, requestId)
  demandOwn(scope, row)
  demandOpen(row)
  if (row.stateNow !== 'asked_back') throw problem('conflict', 'Nothing was asked back.')
  demandFresh(scope, row)
  await put(scope, row, { kind: 'answered', text: answer }, { state: 'pending' })
  scope.record({
    resource: subjectOf(row),
    before: { state: 'asked_back' },
    after: { state: 'pending', answer },
  })
}

export async function withdrawRequest(
  scope: Scope,
  { requestId, reason }: InputOf<'requests.withdraw'>,
): Promise<void> {
  const row = await locked(scope, requestId)
  demandOwn(scope, row)
  demandOpen(row)
  demandFresh(scope, row)
  await put(scope, row, { kind: 'withdrawn', text: reason }, { state: 'withdrawn' })
  scope.record({
    resource: subjectOf(row),
    before: { state: row.stateNow },
    after: { state: 'withdrawn', ...(reason && { reason }) },
  })
}

/** Ends what a request gave: its own requester may always; others as they may end any grant there. */
export async function endRequest(
  scope: Scope,
  { requestId, reason }: InputOf<'requests.end'>,
): Promise<void> {
  const row = await locked(scope, requestId)
  if (!row.grantId || (row.stateNow !== 'active' && row.stateNow !== 'scheduled')) {
    throw problem('conflict', 'There is no access of it that could be ended.')
  }
  demandFresh(scope, row)
  if (isOwn(scope, row)) await giveBackGrant(scope, row.grantId, reason)
  else {
    // The version that was named is the request's.
    const { expectedVersion: _, ...plain } = scope
    await revokeGrants(plain, [row.grantId], reason)
  }
  await put(scope, row, { kind: 'ended', text: reason }, { closedAt: scope.now })
  scope.record({
    resource: subjectOf(row),
    before: { state: row.stateNow },
    after: { state: 'revoked', ...(reason && { reason }) },
  })
}

export async function setRule(
  scope: Scope,
  { roleId, ...rule }: InputOf<'requests.setRule'>,
): Promise<void> {
  const { db, expectedVersion = 0 } = scope
  const role = await theRole(scope, roleId)
  if (rule.leadApprovals + rule.securityApprovals === 0) {
    throw invalidField('leadApprovals', 'must be at least 1, or a security admin must approve')
  }
  const changed =
    expectedVersion === 0
      ? await db
          .insertInto('requestRule')
          .values({ roleId, ...rule })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst()
          .then(({ numInsertedOrUpdatedRows }) => numInsertedOrUpdatedRows)
      : await db
          .updateTable('requestRule')
          .set({ ...rule, version: expectedVersion + 1 })
          .where('roleId', '=', roleId)
          .where('version', '=', expectedVersion)
          .executeTakeFirst()
          .then(({ numUpdatedRows }) => numUpdatedRows)
  if (!changed) {
    throw problem('stale', 'Somebody changed this rule meanwhile. Look at it again.', {
      current: { version: role.version, ...ruleOf(role) },
    })
  }
  scope.record({
    resource: { kind: 'role', id: roleId, name: role.name },
    before: ruleOf(role),
    after: rule,
  })
}
