import type { PolicyStore } from '../../decision/policy-store.ts'
import { fromMomentCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { whereStood } from '../contexts/service.ts'
import type { Federation } from '../federation/service.ts'
import { onceAMinute } from '../../db/once-a-minute.ts'
import type { DeliveryParts } from './deliver.ts'
import { exchange } from './exchange.ts'
import type { GateStore } from './gate.ts'
import { redeem } from './redeem.ts'
import { leaseAnswers, liveLeases, revokeMany, revokeOne, theLease } from './service.ts'
import { listLeases } from './store.ts'

export interface LeaseParts extends DeliveryParts {
  readonly federation: Federation
  readonly policies: PolicyStore
  readonly gate: GateStore
}

export function leaseHandlers(parts: LeaseParts): Handlers<'leases'> {
  const { policies, gate, federation } = parts
  const uses = onceAMinute()
  const rulesOf = async ({ transaction }: Scope) => ({
    judge: await policies.at(transaction),
    gate: await gate.at(transaction),
    uses,
  })
  return {
    async list(scope, { secret, ...input }) {
      const after = fromMomentCursor(input.cursor)
      const stood = secret === undefined ? undefined : await whereStood(scope, secret)
      const asked = { ...input, stood }
      const rows = await listLeases(scope.db, scope.reach('lease:view'), asked, after)
      const { shown, next } = pageOf(rows, input.limit, ({ issuedAt, id }) => [
        issuedAt.toISOString(),
        id,
      ])
      return {
        items: await leaseAnswers(scope, shown),
        ...next,
      }
    },
    view: (scope, { leaseId }) => theLease(scope, leaseId),
    live: liveLeases,
    exchange: async (scope, form) => exchange(scope, await rulesOf(scope), federation, form),
    redeem: async (scope) => redeem(scope, await rulesOf(scope), parts),
    revoke: revokeOne,
    revokeMany,
  }
}
