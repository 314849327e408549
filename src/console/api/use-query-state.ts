import type { z } from 'zod'
import type { OperationId, OperationOf } from '../../contract/index.ts'
import { useUrlState, type Patch } from '../ui/use-url-state.ts'
import { shapeOf } from './shapes.ts'

/** The search params of a list operation, as its schema reads them. */
export type QueryOf<I extends OperationId> =
  OperationOf<I> extends { readonly query: infer Q extends z.ZodType } ? z.output<Q> : never

/**
 * The URL is the state: a list page's search params are those of its list operation.
 * `const [filters, setFilters] = useQueryState('contexts.list')`
 */
export function useQueryState<I extends OperationId>(
  id: I,
): [Partial<QueryOf<I>>, (patch: Patch, options?: { replace?: boolean }) => void] {
  return useUrlState<Partial<QueryOf<I>>>(shapeOf(id).query)
}
