import type { AnswerOf } from '../../../contract/index.ts'
import type { Permission } from '../../../contract/permissions.ts'
import type { Db } from '../../db/connect.ts'
import { fromIdCursor, pageOf } from '../../http/cursor.ts'
import { invalidField } from '../../http/problem.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { organization } from '../../decision/organization.ts'
import { placeSeen } from '../grants/service.ts'
import { approversOf, differenceOf, ownerOf } from './approvers.ts'
import { reviewOf } from './review.ts'
import { approveRequest, askBack, denyRequest } from './deciding.ts'
import { answerRequest, createRequest, endRequest, setRule, withdrawRequest } from './service.ts'
import {
  actsOf,
  givenTo,
  isOwn,
  obstacle,
  personOf,
  placeOfRequest,
  scopeShown,
  stakeOf,
} from './standing.ts'
import { theRequest, theRole } from './the-request.ts'
import { stepsShown } from './steps.ts'
import { catalogue, heldUntil, listRequests, ruleOf, stepsOf, type RequestRow } from './store.ts'

/** Does something with a request, and answers it as it is then. */
const thenShown =
  <I extends { readonly requestId: string }>(work: (scope: Scope, input: I) => Promise<void>) =>
  async (scope: Scope, input: I) => {
    await work(scope, input)
    return detail(scope, input.requestId)
  }

export const requestHandlers: Handlers<'requests'> = {
  async list(scope, input) {
    const after = fromIdCursor(input.cursor, 1)?.[0]
    const rows = await listRequests(scope.db, stakeOf(scope), input, scope.now, after)
    const { shown: items, next } = pageOf(rows, input.limit, ({ id }) => [id])
    return { items: items.map((row) => shown(scope, row)), ...next }
  },
  async catalogue(scope) {
    return {
      items: (await catalogue(scope.db)).map(roleShown),
      configurable: scope.decide('request:configure', organization).outcome === 'permitted',
    }
  },
  async preview(scope, { roleId, scope: kind, scopeId }) {
    const personId = personOf(scope)
    if (kind !== 'organization' && !scopeId) {
      throw invalidField('scopeId', 'must name the place')
    }
    const place = await placeSeen(
      scope,
      kind === 'organization' ? { kind } : { kind, id: scopeId ?? '' },
    )
    const { permissions } = await theRole(scope, roleId)
    const { db, now, actor } = scope
    const until = await heldUntil(db, personId, roleId, place.within, now)
    const requester = { id: personId, name: actor.name }
    return {
      difference: await differenceOf(db, personId, permissions, place),
      approvers: await approversOf(db, {
        requester,
        place,
        permissions,
        ownerTeam: await ownerOf(db, place),
      }),
      ...(until !== undefined && { heldUntil: until }),
    }
  },
  view: (scope, { requestId }) => detail(scope, requestId),
  async create(scope, input) {
    return detail(scope, await createRequest(scope, input))
  },
  approve: thenShown(approveRequest),
  deny: thenShown(denyRequest),
  askBack: thenShown(askBack),
  answer: thenShown(answerRequest),
  withdraw: thenShown(withdrawRequest),
  end: thenShown(endRequest),
  async setRule(scope, input) {
    await setRule(scope, input)
    return roleShown(await theRole(scope, input.roleId))
  },
}

const roleShown = (
  row: Awaited<ReturnType<typeof theRole>>,
): AnswerOf<'requests.catalogue'>['items'][number] => ({
  id: row.id,
  name: row.name,
  description: row.description,
  permissions: row.permissions as Permission[],
  rule: ruleOf(row),
  version: row.version,
})

const waits = ({ stateNow }: RequestRow) => stateNow === 'pending' || stateNow === 'asked_back'

function shown(scope: Scope, row: RequestRow): AnswerOf<'requests.list'>['items'][number] {
  const { startsAt, asked } = row
  return {
    id: row.id,
    state: row.stateNow,
    requester: { id: row.requesterId, name: row.requesterName },
    role: { ...(row.roleId && { id: row.roleId }), name: row.roleNameNow },
    scope: scopeShown(row),
    durationMinutes: row.durationMinutes,
    ...(startsAt && { startsAt }),
    reason: row.reason,
    ...(row.ticket !== null && { ticket: row.ticket }),
    createdAt: row.createdAt,
    answerBy: row.answerBy,
    ...(row.decidedAt && { decidedAt: row.decidedAt }),
    ...(asked && { asked: { ...asked, ...(startsAt && { startsAt }) } }),
    ...(row.extendsId && { extends: row.extendsId }),
    ...grantShown(row),
    steps: stepsShown(ruleOf(row), givenTo(row), waits(row)),
    may: actsOf(scope, row),
    version: row.version,
  }
}

function grantShown(row: RequestRow): Pick<AnswerOf<'requests.view'>, 'grant'> {
  const { grantId, grantStartsAt, grantExpiresAt, grantEndedAt, grantEndedBy } = row
  if (!grantId || !grantStartsAt) return {}
  return {
    grant: {
      id: grantId,
      startsAt: grantStartsAt,
      ...(grantExpiresAt && { expiresAt: grantExpiresAt }),
      ...(grantEndedAt && { endedAt: grantEndedAt }),
      ...(grantEndedBy && { endedBy: { id: grantEndedBy, name: row.enderName ?? '' } }),
      ...(row.grantEndReason && { endReason: row.grantEndReason }),
    },
  }
}

async function detail(scope: Scope, id: string): Promise<AnswerOf<'requests.view'>> {
  const row = await theRequest(scope, id)
  const { db } = scope
  const place = placeOfRequest(row)
  const permissions = row.permissions
  const requester = { id: row.requesterId, name: row.requesterName }
  const open = waits(row)
  const difference = place
    ? await differenceOf(db, row.requesterId, permissions, place)
    : { gains: [], has: [] }
  const own = isOwn(scope, row)
  const blocked = own || !open ? undefined : obstacle(scope, row)
  return {
    ...shown(scope, row),
    description: row.description,
    difference,
    approvers:
      open && place
        ? await approversOf(db, { requester, place, permissions, ownerTeam: row.ownerTeam })
        : [],
    ...(blocked && { whyNot: blocked.message }),
    history: await historyOf(db, row, scope.now),
    ...(!own && { review: await reviewOf(scope, row, difference.gains) }),
  }
}

type Line = AnswerOf<'requests.view'>['history'][number]

const lineOf = (one: Awaited<ReturnType<typeof stepsOf>>[number]): Line => ({
  at: one.at,
  by: { id: one.personId, name: one.personName },
  kind: one.kind,
  ...(one.step && { step: one.step }),
  text: one.text,
})

/** What people did, and between it what the clock did. */
async function historyOf(db: Db, row: RequestRow, now: Date): Promise<Line[]> {
  const { grantStartsAt, grantExpiresAt, grantEndedAt } = row
  const asked: Line = {
    at: row.createdAt,
    by: { id: row.requesterId, name: row.requesterName },
    kind: 'asked',
    text: row.reason,
  }
  const done = (await stepsOf(db, row.id)).map(lineOf)
  const clock: Line[] = []
  if (row.stateNow === 'lapsed') clock.push({ at: row.answerBy, kind: 'lapsed', text: '' })
  const until = grantEndedAt ?? now
  if (grantStartsAt && grantStartsAt <= until) {
    clock.push({ at: grantStartsAt, kind: 'began', text: '' })
  }
  if (row.stateNow === 'expired' && grantExpiresAt) {
    clock.push({ at: grantExpiresAt, kind: 'expired', text: '' })
  }
  // Ended elsewhere: on the grant's own page, or with several at once.
  if (row.stateNow === 'revoked' && grantEndedAt && !done.some(({ kind }) => kind === 'ended')) {
    const by = row.grantEndedBy && { id: row.grantEndedBy, name: row.enderName ?? '' }
    clock.push({
      at: grantEndedAt,
      kind: 'ended',
      ...(by && { by }),
      text: row.grantEndReason ?? '',
    })
  }
  const order = (line: Line) => new Date(line.at).getTime()
  return [asked, ...done, ...clock].toSorted((one, other) => order(one) - order(other))
}
