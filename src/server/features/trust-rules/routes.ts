import { fromIdCursor, toCursor } from '../../http/cursor.ts'
import type { Handlers } from '../../http/scope.ts'
import {
  changeTrustRule,
  createTrustRule,
  removeTrustRule,
  theTrustRule,
  trustRuleAnswer,
} from './service.ts'
import { listTrustRules } from './store.ts'

export const trustRuleHandlers: Handlers<'trustRules'> = {
  async list(scope, input) {
    const after = fromIdCursor(input.cursor, 2)
    const rows = await listTrustRules(scope.db, scope.reach('trustRule:view'), input, after)
    const shown = rows.slice(0, input.limit)
    const last = rows.length > input.limit ? shown.at(-1) : undefined
    return {
      items: shown.map((row) => trustRuleAnswer(scope, row)),
      ...(last && { next: toCursor([last.name.toLowerCase(), last.id]) }),
    }
  },
  view: async (scope, { trustRuleId }) =>
    trustRuleAnswer(scope, await theTrustRule(scope, trustRuleId)),
  create: createTrustRule,
  update: changeTrustRule,
  remove: (scope, { trustRuleId }) => removeTrustRule(scope, trustRuleId),
}
