import type { AnswerOf } from '../../../contract/index.ts'
import type { Permission } from '../../../contract/permissions.ts'
import { fromIdCursor, pageOf } from '../../http/cursor.ts'
import { invalidField } from '../../http/problem.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { organization } from '../../decision/organization.ts'
import { placeSeen } from '../grants/service.ts'
import { historyOf, requestAnswer, waits } from './answer.ts'
import { approversOf, differenceOf, ownerOf } from './approvers.ts'
import { reviewOf } from './review.ts'
import { approveRequest, askBack, denyRequest } from './deciding.ts'
import { answerRequest, createRequest, endRequest, setRule, withdrawRequest } from './service.ts'
import { actsOf, isOwn, obstacle, personOf, placeOfRequest, stakeOf } from './standing.ts'
import { theRequest, theRole } from './the-request.ts'
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

const shown = (scope: Scope, row: RequestRow): AnswerOf<'requests.list'>['items'][number] => ({
  ...requestAnswer(row),
  may: actsOf(scope, row),
})

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
    maxMinutes: ruleOf(row).maxMinutes,
    difference,
    approvers:
      open && place
        ? await approversOf(db, { requester, place, permissions, ownerTeam: row.ownerTeam })
        : [],
    ...(blocked && { whyNot: blocked.message }),
    history: historyOf(row, await stepsOf(db, [row.id]), scope.now),
    ...(!own && { review: await reviewOf(scope, row, difference.gains) }),
  }
}
