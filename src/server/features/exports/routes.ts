import { fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers } from '../../http/scope.ts'
import {
  createExport,
  exportAnswer,
  goOnWith,
  stopExport,
  takeExport,
  theExport,
  whoseOf,
  type ExportRunner,
} from './service.ts'
import { listExports } from './store.ts'

export const exportHandlers = (runner: ExportRunner): Handlers<'exports'> => ({
  async list(scope, { which, cursor, limit }) {
    const { personId, everybody } = whoseOf(scope)
    const rows = await listExports(
      scope.db,
      { personId, everybody: everybody && which === 'all' },
      { limit: limit + 1, after: fromIdCursor(cursor, 1)?.[0] },
    )
    const { shown, next } = pageOf(rows, limit, ({ id }) => [id])
    return { items: shown.map((row) => exportAnswer(scope, row)), ...next }
  },
  create: (scope, input) => createExport(scope, runner, input),
  async view(scope, { exportId }) {
    return exportAnswer(scope, await theExport(scope, exportId))
  },
  cancel: (scope, { exportId }) => stopExport(scope, exportId),
  resume: (scope, { exportId }) => goOnWith(scope, runner, exportId),
  download: (scope, { exportId }) => takeExport(scope, exportId),
})
