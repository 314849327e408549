import { z } from 'zod'
import { Layer } from './decisions.ts'

/**
 * One line of a truth table: every clause of every layer, whether or not the decision depended on it. The parts of an
 * expression, and the places and ranges that are alternatives, stand deeper below what they belong to.
 */
export const Clause = z.strictObject({
  layer: Layer.shape.layer,
  depth: z.int(),
  clause: z.string(),
  /** `unknown`: nothing is known of it for this run, which denies. `not_asked`: nothing asks it. */
  value: z.enum(['true', 'false', 'unknown', 'error', 'not_asked']),
  expected: z.string().optional(),
  actual: z.string().optional(),
  because: z.strictObject({ kind: z.string(), id: z.string(), name: z.string() }).optional(),
  /** Of a policy: what is only evaluated never changes the outcome. */
  mode: z.enum(['evaluate', 'enforce']).optional(),
})
export type Clause = z.infer<typeof Clause>
