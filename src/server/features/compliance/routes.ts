import type { Permission } from '../../../contract/permissions.ts'
import { csvOf } from '../../http/csv.ts'
import { fromNumberCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers } from '../../http/scope.ts'
import { cells, checkRows, head } from './file.ts'
import { createLately } from './lately.ts'
import {
  allowedWith,
  chosen,
  counted,
  settingOf,
  standings,
  updateControl,
  viewControl,
  type Standing,
} from './service.ts'

const allowing = (row: Standing['row'], allowed: Permission[]) => ({ ...row, allowed })

export const complianceHandlers = (lately = createLately()): Handlers<'compliance'> => ({
  async list(scope, { cursor, limit, fresh, ...filters }) {
    const after = fromNumberCursor(cursor) ?? 0
    const { answers, at: checkedAt } = await lately(scope.db, settingOf(scope), fresh)
    const all = await standings(scope, answers)
    const allowed = allowedWith(scope)
    const rows = chosen(all, filters).map(({ row }) => allowing(row, allowed))
    const { shown, next } = pageOf(rows.slice(after, after + limit + 1), limit, () => [
      after + limit,
    ])
    return { items: shown, ...next, checkedAt, frameworks: counted(all) }
  },
  async export(scope, filters) {
    const rows = await checkRows(scope, filters)
    const controls = new Set(rows.map(({ standing }) => standing.control.id)).size
    scope.record({ detail: { ...filters, controls } })
    const text = csvOf([head, ...rows.map(cells)])
    return {
      async *body() {
        yield text
      },
      filename: 'compliance.csv',
    }
  },
  view: (scope, { controlId }) => viewControl(scope, controlId),
  update: updateControl,
})
