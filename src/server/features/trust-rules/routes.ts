import { byName, fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers } from '../../http/scope.ts'
import { demandReason } from '../decisions/service.ts'
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
import { listTrustRules } from './store.ts'

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
  async create(scope, input) {
    const { name: _, runnerClass: __, reason, ...terms } = input
    await demandReason(scope, reason, (all) => impactOfNewRule(all, terms))
    return createTrustRule(scope, input)
  },
  impact: impactOfChange,
  impactOfNew: impactOfNewRule,
  async update(scope, input) {
    const { name: _, runnerClass: __, reason, ...terms } = input
    const { version } = await theTrustRule(scope, input.trustRuleId)
    if (version === scope.expectedVersion) {
      await demandReason(scope, reason, (all) => impactOfChange(all, { ...terms, removed: false }))
    }
    return changeTrustRule(scope, input)
  },
  remove: (scope, { trustRuleId }) => removeTrustRule(scope, trustRuleId),
}
