import type { PolicyStore } from '../../decision/policy-store.ts'
import { fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers } from '../../http/scope.ts'
import type { Federation } from '../federation/service.ts'
import type { DeliveryParts } from './deliver.ts'
import { exchange } from './exchange.ts'
import { redeem } from './redeem.ts'
import { leaseAnswers, liveLeases, revokeMany, revokeOne, theLease } from './service.ts'
import { listLeases } from './store.ts'

export interface LeaseParts extends DeliveryParts {
  readonly federation: Federation
  readonly policies: PolicyStore
}

export function leaseHandlers(parts: LeaseParts): Handlers<'leases'> {
  const { policies, federation } = parts
  return {
    async list(scope, input) {
      const after = fromIdCursor(input.cursor, 2)
      const rows = await listLeases(scope.db, scope.reach('lease:view'), input, after)
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
    exchange: async (scope, form) =>
      exchange(scope, { judge: await policies.current(scope.db), federation }, form),
    redeem: async (scope) => redeem(scope, parts, await policies.current(scope.db)),
    revoke: revokeOne,
    revokeMany,
  }
}
