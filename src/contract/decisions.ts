import { z } from 'zod'

/**
 * One layer of a decision, in the order they are asked: identity → grant → restriction → segment → policy → approval.
 * `clause` is what was asked; `expected` and `actual` are shown side by side when it failed.
 */
export const Layer = z.strictObject({
  layer: z.enum(['identity', 'grant', 'restriction', 'segment', 'policy', 'approval']),
  verdict: z.enum(['permitted', 'denied', 'would_deny', 'not_asked', 'error']),
  clause: z.string(),
  expected: z.string().optional(),
  actual: z.string().optional(),
  /** The objects that made the verdict: grants, restrictions, policies with their mode. */
  because: z.array(
    z.strictObject({
      kind: z.string(),
      id: z.string(),
      name: z.string(),
      mode: z.string().optional(),
    }),
  ),
})
export type Layer = z.infer<typeof Layer>

/** One row per decision: what was carried out, and apart from it what a policy in evaluate mode would have changed. */
export const Outcome = z.enum(['permitted', 'would_deny', 'denied', 'failed'])
export type Outcome = z.infer<typeof Outcome>
