import { byName, fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { withReason } from '../decisions/service.ts'
import { givenBy } from '../leases/service.ts'
import {
  changeTrustRule,
  createTrustRule,
  impactOfChange,
  impactOfNewRule,
  removeTrustRule,
  theTrustRule,
  trustRuleAnswer,
} from './service.ts'
import { claimsSeen } from './seen.ts'
import { listTrustRules, rulesOf } from './store.ts'

export const trustRuleHandlers: Handlers<'trustRules'> = {
  async list(scope, input) {
    const after = fromIdCursor(input.cursor, 2)
    const rows = await listTrustRules(scope.db, scope.reach('trustRule:view'), input, after)
    const { shown, next } = pageOf(rows, input.limit, byName)
    return {
      items: shown.map((row) => trustRuleAnswer(scope, row)),
      ...next,
    }
  },
  view: async (scope, { trustRuleId }) =>
    trustRuleAnswer(scope, await theTrustRule(scope, trustRuleId)),
  async uses(scope, { trustRuleId }) {
    const { id, projectId } = await theTrustRule(scope, trustRuleId)
    const { leases, runs, last } = await givenBy(scope, { trustRuleId: id, projectId })
    const reach = scope.reach('trustRule:view')
    const rules = await listTrustRules(scope.db, reach, { limit: 50, projectId })
    const others = rules.filter((rule) => rule.id !== id).map(({ id, name }) => ({ id, name }))
    return { leases, runs, lastLeaseAt: last, others }
  },
  seen: async (scope, { trustRuleId }) => claimsSeen(scope, await theTrustRule(scope, trustRuleId)),
  create: (scope, input) => {
    const { name: _, runnerClass: __, reason, ...terms } = input
    const asking = {
      reason,
      opens: (all: Scope) => impactOfNewRule(all, terms),
      stands: (at: Scope) => rulesOf(at.db, input.issuerId),
    }
    return withReason(scope, asking, (inside) => createTrustRule(inside, input))
  },
  impact: impactOfChange,
  impactOfNew: impactOfNewRule,
  update: (scope, input) => {
    const { name: _, runnerClass: __, reason, ...terms } = input
    const theirs = (at: Scope) => theTrustRule(at, input.trustRuleId)
    const asking = {
      reason,
      // What is stale is refused for that, whatever it would open.
      opens: async (all: Scope) =>
        (await theirs(all)).version === all.expectedVersion
          ? impactOfChange(all, { ...terms, removed: false })
          : 0,
      stands: async (at: Scope) => rulesOf(at.db, (await theirs(at)).issuerId),
    }
    return withReason(scope, asking, (inside) => changeTrustRule(inside, input))
  },
  remove: (scope, { trustRuleId }) => removeTrustRule(scope, trustRuleId),
}
