import type { AnswerOf } from '../../../contract/index.ts'
import type { ExceptionAct } from '../../../contract/exceptions.ts'
import { fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { PolicyStore } from '../../decision/policy-store.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { exceptionImpact } from './impact.ts'
import {
  admittedBy,
  approveException,
  askException,
  denyException,
  endException,
  isOwn,
  mayOn,
  personOf,
  theException,
  withdrawException,
} from './service.ts'
import { listExceptions, type ExceptionRow } from './store.ts'

/** Does something with an exception, and answers it as it is then. */
const thenShown =
  <I extends { readonly exceptionId: string }>(work: (scope: Scope, input: I) => Promise<void>) =>
  async (scope: Scope, input: I) => {
    await work(scope, input)
    return detail(scope, input.exceptionId)
  }

/** What the feature needs beside the transaction: the policies as a transaction sees them. */
interface ExceptionParts {
  readonly policies: Pick<PolicyStore, 'current'>
}

export function exceptionHandlers({ policies }: ExceptionParts): Handlers<'exceptions'> {
  return {
    async list(scope, input) {
      const after = fromIdCursor(input.cursor, 1)?.[0]
      const stake = { personId: personOf(scope), reach: scope.reach('context:view') }
      const rows = await listExceptions(scope.db, stake, input, scope.now, after)
      const { shown: items, next } = pageOf(rows, input.limit, ({ id }) => [id])
      return { items: items.map(shown), ...next }
    },
    view: (scope, { exceptionId }) => detail(scope, exceptionId),
    create: async (scope, input) => detail(scope, await askException(scope, input)),
    impact: async (scope, { decisionId }) =>
      exceptionImpact(scope, await policies.current(scope.db), await admittedBy(scope, decisionId)),
    review: async (scope, { exceptionId }) =>
      exceptionImpact(
        scope,
        await policies.current(scope.db),
        await theException(scope, exceptionId),
      ),
    approve: thenShown(approveException),
    deny: thenShown(denyException),
    end: thenShown(endException),
    withdraw: thenShown(withdrawException),
  }
}

function shown(row: ExceptionRow): AnswerOf<'exceptions.list'>['items'][number] {
  const { decidedAt, decidedBy, endedAt, endedBy, expiresAt } = row
  return {
    id: row.id,
    state: row.stateNow,
    requester: { id: row.requesterId, name: row.requesterName },
    project: { ...(row.projectId && { id: row.projectId }), name: row.projectNameNow },
    context: { ...(row.contextId && { id: row.contextId }), name: row.contextNameNow },
    ...(row.branch !== null && { branch: row.branch }),
    ...(row.tag !== null && { tag: row.tag }),
    minutes: row.minutes,
    reason: row.reason,
    decision: row.decisionId,
    createdAt: row.createdAt,
    answerBy: row.answerBy,
    ...(decidedAt && { decidedAt }),
    ...(decidedBy && { decidedBy: { id: decidedBy, name: row.deciderName ?? '' } }),
    ...(row.decisionText && { answer: row.decisionText }),
    ...(expiresAt && { expiresAt }),
    ...(endedAt && { endedAt }),
    ...(endedBy && { endedBy: { id: endedBy, name: row.enderName ?? '' } }),
    version: row.version,
  }
}

async function detail(scope: Scope, id: string): Promise<AnswerOf<'exceptions.view'>> {
  const row = await theException(scope, id)
  const own = isOwn(scope, row)
  const decides = await mayOn(scope, row, 'context:restrict')
  const may: ExceptionAct[] = []
  if (row.stateNow === 'pending') {
    if (own) may.push('withdraw')
    else if (decides) may.push('approve', 'deny')
  } else if (row.stateNow === 'active') may.push(own ? 'withdraw' : 'end')
  const whyNot =
    row.stateNow === 'pending' && !own && !decides
      ? `Whoever may restrict ${row.contextNameNow} decides on it (context:restrict).`
      : undefined
  return {
    ...shown(row),
    may: may.filter((act) => act !== 'end' || decides),
    ...(whyNot && { whyNot }),
  }
}
