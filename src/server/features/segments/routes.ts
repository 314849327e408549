import { byName, fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers } from '../../http/scope.ts'
import {
  changeSegment,
  createSegment,
  removeSegment,
  segmentAnswer,
  theSegment,
} from './service.ts'
import { listSegments } from './store.ts'

export const segmentHandlers: Handlers<'segments'> = {
  async list(scope, input) {
    const after = fromIdCursor(input.cursor, 2)
    const rows = await listSegments(scope.db, scope.reach('segment:view'), input, after)
    const { shown, next } = pageOf(rows, input.limit, byName)
    return {
      items: shown.map((row) => segmentAnswer(scope, row)),
      ...next,
    }
  },
  view: async (scope, { segmentId }) => segmentAnswer(scope, await theSegment(scope, segmentId)),
  create: createSegment,
  update: changeSegment,
  remove: (scope, { segmentId }) => removeSegment(scope, segmentId),
}
