import { z } from 'zod'
import { Layer } from './decisions.ts'
import { Id, Moment, Named, prose, Version } from './id.ts'
import { ImpactChange, ImpactRow } from './impact.ts'
import { noun } from './operation.ts'
import { page, PageQuery } from './page.ts'
import { Permission } from './permissions.ts'

/** One policy as the replayed set has it: a version of it, a text that is not written yet, or not at all. */
const ReplayChangeGiven = z.strictObject({
  /** Absent for a policy that does not exist yet. */
  policyId: Id.optional(),
  policyVersion: Version.optional(),
  text: prose(16_384).optional(),
  /** It would not be enforced any more. */
  removed: z.boolean().default(false),
})

const ReplaySlice = z.strictObject({
  days: z.int().min(1).max(90).default(30),
  projectId: Id.optional(),
  contextId: Id.optional(),
  /** A permission: `context:use` for pipeline runs. */
  action: Permission.optional(),
})

const ReplayState = z.enum(['waiting', 'running', 'done', 'cancelled', 'failed'])

const Group = z.array(
  z.strictObject({
    id: z.string(),
    name: z.string(),
    newlyDenied: z.int(),
    newlyPermitted: z.int(),
  }),
)

/** One draft set asked about recorded decisions, beside what is enforced. */
export const Replay = z.strictObject({
  id: Id,
  state: ReplayState,
  /** What the set has that is not enforced, or not so. */
  changes: z.array(
    z.strictObject({
      policyId: Id.nullable(),
      name: z.string(),
      /** Null for a text that was not written yet. */
      policyVersion: Version.nullable(),
      removed: z.boolean(),
    }),
  ),
  from: Moment,
  until: Moment,
  project: Named.nullable(),
  context: Named.nullable(),
  action: z.string().nullable(),
  /** Decisions in the slice, and how many of them have been asked. */
  total: z.int(),
  done: z.int(),
  /** Different facts among them: each is asked once. */
  distinct: z.int(),
  /** Decisions that were recorded without what is needed to ask again. */
  untold: z.int(),
  /** Among the decisions that the reader may see. */
  newlyDenied: z.int(),
  newlyPermitted: z.int(),
  createdBy: Named.nullable(),
  createdAt: Moment,
  finishedAt: Moment.nullable(),
  /** Why it failed. */
  fault: z.string().nullable(),
})
export type Replay = z.infer<typeof Replay>

export const ReplayDetail = Replay.extend({
  groups: z.strictObject({ project: Group, context: Group, person: Group }),
})
export type ReplayDetail = z.infer<typeof ReplayDetail>

export const replays = noun({
  list: {
    method: 'GET',
    path: '/replays',
    summary: 'Replays, newest first',
    may: 'policy:view',
    query: PageQuery.extend({ policyId: Id.optional() }),
    returns: page(Replay),
  },
  create: {
    method: 'POST',
    path: '/replays',
    summary: 'Ask a draft set of policies about recorded decisions, beside what is enforced',
    may: 'policy:update',
    body: ReplaySlice.extend({ changes: z.array(ReplayChangeGiven).min(1).max(200) }),
    returns: ReplayDetail,
  },
  view: {
    method: 'GET',
    path: '/replays/:replayId',
    summary: 'How far a replay is, and what the set would change by project, context and person',
    may: 'policy:view',
    returns: ReplayDetail,
  },
  changed: {
    method: 'GET',
    path: '/replays/:replayId/changed',
    summary: 'The decisions that the set would turn, newest first',
    may: 'policy:view',
    query: PageQuery.extend({
      change: ImpactChange.optional(),
      project: Id.optional(),
      context: Id.optional(),
      actor: z.string().max(200).optional(),
    }),
    returns: page(ImpactRow),
  },
  trace: {
    method: 'GET',
    path: '/replays/:replayId/changed/:decisionId',
    summary: 'How one decision is made by what is enforced, and how the set would make it',
    may: 'policy:view',
    returns: ImpactRow.extend({ before: z.array(Layer), after: z.array(Layer) }),
  },
  cancel: {
    method: 'POST',
    path: '/replays/:replayId/cancel',
    summary: 'Stop a replay; what it found so far stays',
    may: 'policy:update',
    returns: ReplayDetail,
  },
})
