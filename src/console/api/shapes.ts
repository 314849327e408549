import shapes from 'virtual:call-shapes'
import type { CallShape } from '../../contract/call-shapes.ts'
import type { OperationId } from '../../contract/index.ts'

/** How an operation is called: derived from the contract while the console is built, so that no schema is loaded. */
export function shapeOf(id: OperationId): CallShape {
  const shape = shapes[id]
  if (!shape) throw new Error(`the contract has no operation ${id}`)
  return shape
}
