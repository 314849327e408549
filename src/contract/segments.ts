import { z } from 'zod'
import { Cidr } from './cidr.ts'
import { Id, Moment, Named, prose, Version } from './id.ts'
import { Impact } from './impact.ts'
import { name } from './name.ts'
import { noun } from './operation.ts'
import { Nothing, page, PageQuery } from './page.ts'
import { Permission } from './permissions.ts'

/** How much harm a run there could do. */
export const Tier = z.enum(['production', 'staging', 'build', 'sandbox'])
export type Tier = z.infer<typeof Tier>

/** A runner class as the CI system names it: `medium`, `self-hosted/production`, `ubuntu-24.04`. */
const RunnerClass = z.string().regex(/^[\w./-]{1,100}$/, 'must be a runner class')

export const Segment = z.strictObject({
  id: Id,
  name: z.string(),
  tier: Tier,
  description: z.string(),
  /** From where its runs come; empty: from anywhere. */
  cidrs: z.array(z.string()),
  runnerClasses: z.array(z.string()),
  projects: z.int(),
  contexts: z.int(),
  createdAt: Moment,
  version: Version,
  allowed: z.array(Permission),
})
export type Segment = z.output<typeof Segment>

/** Runs that take place in the segment `from` may ask for contexts of the segment `to`. */
const FlowEnds = z.strictObject({ from: Id, to: Id })

export const SegmentFlow = FlowEnds.extend({
  /** Why it is allowed. */
  reason: z.string().nullable(),
  createdAt: Moment,
  createdBy: Named.nullable(),
})
export type SegmentFlow = z.infer<typeof SegmentFlow>

export const FlowMatrix = z.strictObject({
  version: Version,
  /** Those that one may see, the most harmful first. */
  segments: z.array(Named.extend({ tier: Tier, mayChange: z.boolean() })),
  flows: z.array(SegmentFlow),
})
export type FlowMatrix = z.infer<typeof FlowMatrix>

/** How many of what is placed in a segment the map names; the others are counted. */
export const mapNames = 6
const Placed = z.strictObject({ named: z.array(Named), more: z.int() })

export const SegmentMap = z.strictObject({
  segments: z.array(
    Named.extend({ tier: Tier, cidrs: z.array(z.string()), projects: Placed, contexts: Placed }),
  ),
  /** With how often runs of projects placed in the one used contexts of the other, in the last 90 days. */
  flows: z.array(FlowEnds.extend({ used: z.int() })),
  /** Contexts in no segment: runs ask for them from anywhere. */
  outside: Placed,
})
export type SegmentMap = z.infer<typeof SegmentMap>

/** Flows that are to be allowed and to be stopped. */
const FlowChange = z.strictObject({
  allow: z.array(FlowEnds).max(400).default([]),
  stop: z.array(FlowEnds).max(400).default([]),
})

const SegmentName = name(100)
/**
 * PostgreSQL refuses bits right of the mask, and keeps a range of IPv4-mapped addresses as the IPv4 range. No range is of
 * two segments; where one lies within another's, an address in it is of the inner.
 */
const cidrs = z.array(Cidr).max(100)
const runnerClasses = z
  .array(RunnerClass)
  .max(100)
  .refine((names) => new Set(names).size === names.length, 'names a runner class twice')

export const segments = noun({
  list: {
    method: 'GET',
    path: '/segments',
    summary: 'Segments that one may see, by name',
    may: 'segment:view',
    query: PageQuery.extend({ q: z.string().max(200).optional(), tier: Tier.optional() }),
    returns: page(Segment),
  },
  flows: {
    method: 'GET',
    path: '/segments/flows',
    summary: 'From which segments runs may reach the contexts of which others',
    may: 'segment:view',
    returns: FlowMatrix,
  },
  map: {
    method: 'GET',
    path: '/segments/map',
    summary: 'Segments with what is placed in them, and the flows between them',
    may: 'segment:view',
    returns: SegmentMap,
  },
  impact: {
    method: 'POST',
    path: '/segments/flows/impact',
    summary: 'Which uses of the last 30 days would turn if flows were allowed or stopped',
    may: 'segment:update',
    on: 'any',
    readOnly: true,
    body: FlowChange,
    returns: Impact,
  },
  changeFlows: {
    method: 'PATCH',
    path: '/segments/flows',
    summary: 'Allow and stop flows between segments, all or none',
    may: 'segment:update',
    on: 'any',
    ifMatch: true,
    // Why, for the event; needed where a flow is allowed (`reason_required`).
    body: FlowChange.extend({ reason: prose(1_000).optional() }),
    returns: FlowMatrix,
  },
  view: {
    method: 'GET',
    path: '/segments/:segmentId',
    summary: 'One segment',
    may: 'segment:view',
    on: 'segment',
    returns: Segment,
  },
  create: {
    method: 'POST',
    path: '/segments',
    summary: 'Create a segment',
    may: 'segment:create',
    body: z.strictObject({
      name: SegmentName,
      tier: Tier,
      description: prose(2_000).default(''),
      cidrs: cidrs.default([]),
      runnerClasses: runnerClasses.default([]),
    }),
    returns: Segment,
  },
  update: {
    method: 'PATCH',
    path: '/segments/:segmentId',
    summary: 'Change a segment: its name, tier, ranges and runner classes',
    may: 'segment:update',
    on: 'segment',
    ifMatch: true,
    body: z.strictObject({
      name: SegmentName.optional(),
      tier: Tier.optional(),
      description: prose(2_000).optional(),
      cidrs: cidrs.optional(),
      runnerClasses: runnerClasses.optional(),
    }),
    returns: Segment,
  },
  preview: {
    method: 'POST',
    path: '/segments/:segmentId/impact',
    summary: 'Which uses of the last 30 days would turn if runs of the segment came from elsewhere',
    may: 'segment:update',
    on: 'segment',
    readOnly: true,
    body: z.strictObject({ cidrs: cidrs.optional(), runnerClasses: runnerClasses.optional() }),
    returns: Impact,
  },
  remove: {
    method: 'DELETE',
    path: '/segments/:segmentId',
    summary: 'Delete a segment that holds nothing',
    may: 'segment:delete',
    on: 'segment',
    ifMatch: true,
    returns: Nothing,
  },
})
