import { byName, fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { PolicyStore } from '../../decision/policy-store.ts'
import type { Handlers } from '../../http/scope.ts'
import { changeFlows, flowMatrix } from './flows.ts'
import { flowImpact, segmentImpact } from './impact.ts'
import { segmentMap } from './map.ts'
import {
  changeSegment,
  createSegment,
  removeSegment,
  segmentAnswer,
  theSegment,
} from './service.ts'
import { listSegments } from './store.ts'

/** What the feature needs beside the transaction: the policies as a transaction sees them. */
export interface SegmentParts {
  readonly policies: Pick<PolicyStore, 'current'>
}

export const segmentHandlers = ({ policies }: SegmentParts): Handlers<'segments'> => ({
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
  flows: flowMatrix,
  map: segmentMap,
  changeFlows,
  impact: async (scope, input) => flowImpact(scope, await policies.current(scope.db), input),
  preview: async (scope, input) => segmentImpact(scope, await policies.current(scope.db), input),
})
