import { z } from 'zod'
import { Id, Moment, Named } from './id.ts'
import { noun } from './operation.ts'
import { page, PageQuery } from './page.ts'
import { inOrder, range } from './range.ts'

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
  /** The smallest change that would make the clause hold. */
  change: z.string().optional(),
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

/** One decision in a list. */
export const Decision = z.strictObject({
  id: Id,
  at: Moment,
  actor: z.strictObject({ kind: z.string(), id: z.string(), name: z.string() }),
  action: z.string(),
  resource: z.strictObject({ kind: z.string(), id: z.string(), name: z.string() }),
  project: Named.nullable(),
  context: Named.nullable(),
  outcome: Outcome,
  /** Who was refused, why and what would permit it; or why it was permitted. */
  sentence: z.string(),
})
export type Decision = z.infer<typeof Decision>

export const DecisionDetail = Decision.extend({
  layers: z.array(Layer),
  /** What was decided on; never a secret. */
  facts: z.record(z.string(), z.unknown()),
  /** Those that denied or would have, by the version that was asked. */
  policies: z.array(
    z.strictObject({
      id: Id,
      version: z.int(),
      mode: z.enum(['evaluate', 'enforce']),
      /** Null when it has been deleted since. */
      name: z.string().nullable(),
    }),
  ),
  latencyUs: z.int().nullable(),
  /** The audit event of the same transaction. */
  eventId: Id.nullable(),
})
export type DecisionDetail = z.infer<typeof DecisionDetail>

/** What narrows decisions; the list and its facets take the same. */
const filter = {
  outcome: Outcome.optional(),
  /** The layer that refused. */
  cause: Layer.shape.layer.optional(),
  /** A permission, or a noun with a star: `context:*`. */
  action: z.string().max(100).optional(),
  actor: z.string().max(200).optional(),
  project: Id.optional(),
  context: Id.optional(),
  /** Those that the policy denied, or would have. */
  policy: Id.optional(),
  /** In which mode the policy was when it did. */
  policyMode: z.enum(['evaluate', 'enforce']).optional(),
  ...range,
}
export const DecisionFilter = inOrder(z.strictObject(filter))
export type DecisionFilter = z.infer<typeof DecisionFilter>

const Counts = z.strictObject({
  permitted: z.int(),
  would_deny: z.int(),
  denied: z.int(),
  failed: z.int(),
})

const Facet = z.array(z.strictObject({ value: z.string(), name: z.string(), count: z.int() }))

export const decisions = noun({
  list: {
    method: 'GET',
    path: '/decisions',
    summary: 'Recorded decisions, newest first',
    may: 'decision:view',
    query: inOrder(PageQuery.extend(filter)),
    returns: page(Decision),
  },
  facets: {
    method: 'GET',
    path: '/decisions/facets',
    summary: 'How many of the newest 10,000 matching decisions fall to each value',
    may: 'decision:view',
    query: DecisionFilter,
    returns: z.strictObject({
      outcome: Facet,
      action: Facet,
      actor: Facet,
      project: Facet,
      context: Facet,
      total: z.int(),
      /** There are more than were counted. */
      more: z.boolean(),
    }),
  },
  timeline: {
    method: 'GET',
    path: '/decisions/timeline',
    summary: 'Matching decisions over time, by outcome',
    may: 'decision:view',
    query: DecisionFilter,
    returns: z.strictObject({
      bucketSeconds: z.int(),
      points: z.array(Counts.extend({ at: Moment })),
      /** Only the newest 10,000 were counted: there are more, and no sums are kept for these filters. */
      more: z.boolean(),
    }),
  },
  heatmap: {
    method: 'GET',
    path: '/decisions/heatmap',
    summary: 'How often runs of each project were given or refused each context',
    may: 'decision:view',
    query: inOrder(z.strictObject(range)),
    returns: z.strictObject({
      from: Moment,
      until: Moment,
      /** Those with most decisions first; at most 40 projects and 24 contexts. */
      projects: z.array(Named),
      contexts: z.array(Named),
      cells: z.array(Counts.extend({ project: Id, context: Id })),
      /** Decisions that fall to projects or contexts beyond those. */
      others: z.int(),
    }),
  },
  view: {
    method: 'GET',
    path: '/decisions/:decisionId',
    summary: 'One decision with its whole trace',
    may: 'decision:view',
    returns: DecisionDetail,
  },
})
