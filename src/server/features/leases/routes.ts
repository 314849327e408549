import type { PolicyStore } from '../../decision/policy-store.ts'
import { fromIdCursor, toCursor } from '../../http/cursor.ts'
import type { Handlers } from '../../http/scope.ts'
import type { Vault } from '../../vault/vault.ts'
import { exchange } from './exchange.ts'
import { redeem } from './redeem.ts'
import { leaseAnswers, revokeMany, revokeOne, theLease } from './service.ts'
import { listLeases } from './store.ts'

export interface LeaseParts {
  readonly vault: Vault
  readonly policies: PolicyStore
}

export function leaseHandlers({ vault, policies }: LeaseParts): Handlers<'leases'> {
  return {
    async list(scope, input) {
      const after = fromIdCursor(input.cursor, 2)
      const rows = await listLeases(scope.db, scope.reach('lease:view'), input, after)
      const shown = rows.slice(0, input.limit)
      const last = rows.length > input.limit ? shown.at(-1) : undefined
      return {
        items: await leaseAnswers(scope, shown),
        ...(last && { next: toCursor([last.issuedAt.toISOString(), last.id]) }),
      }
    },
    view: (scope, { leaseId }) => theLease(scope, leaseId),
    exchange: async (scope, form) => exchange(scope, await policies.current(scope.db), form),
    redeem: async (scope) => redeem(scope, vault, await policies.current(scope.db)),
    revoke: revokeOne,
    revokeMany,
  }
}
