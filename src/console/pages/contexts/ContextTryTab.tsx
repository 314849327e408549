import { RunSimulator } from '../../parts/RunSimulator.tsx'
import { useContextHere } from './use-context.ts'

/** Whether an imagined run could use this context, and why. */
export function Component() {
  return <RunSimulator contextId={useContextHere().id} />
}
