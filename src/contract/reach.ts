import { z } from 'zod'
import { Id, Moment, Named } from './id.ts'
import { noun } from './operation.ts'
import { page, PageQuery } from './page.ts'
import { Permission } from './permissions.ts'
import { Tier } from './segments.ts'

/** One step of a way to a context; `restriction` has the context's id, `flow` that of the segment it comes from. */
export const ReachStep = z.strictObject({
  kind: z.enum(['team', 'grant', 'role', 'scope', 'trustRule', 'restriction', 'flow', 'segment']),
  id: z.string(),
  name: z.string(),
})
export type ReachStep = z.infer<typeof ReachStep>

const Place = Named.extend({ tier: Tier })

export const ReachedContext = z.strictObject({
  context: Named,
  segment: Place.nullable(),
  secrets: z.int(),
  /** What may be done with it. Empty where it was used, and may not be any more. */
  may: z.array(Permission),
  ways: z.array(z.array(ReachStep)),
  /** In the last 90 days. */
  used: z.int(),
  lastUsedAt: Moment.nullable(),
})
export type ReachedContext = z.infer<typeof ReachedContext>

/** What somebody gets at who takes over a person, a project's runs, or the runners of a class. */
export const BlastRadius = z.strictObject({
  days: z.int(),
  /** Those that the reader may see: in production first, then by how many secrets they hold. */
  contexts: z.array(ReachedContext),
  more: z.boolean(),
  totals: z.strictObject({
    contexts: z.int(),
    secrets: z.int(),
    production: z.int(),
    /** Entitled, and not used in these days. */
    unused: z.int(),
    /** Used in these days, and not entitled any more. */
    former: z.int(),
  }),
  segments: z.array(
    z.strictObject({ segment: Place.nullable(), contexts: z.int(), secrets: z.int() }),
  ),
})
export type BlastRadius = z.infer<typeof BlastRadius>

/** Where a config says that a pull request of a fork makes a job run: the first such job of a workflow. */
export const ForkJob = z.strictObject({
  check: Id,
  checkedAt: Moment,
  file: z.string(),
  line: z.int(),
  workflow: z.string(),
  job: z.string(),
  /** How many jobs of the workflow get there. */
  jobs: z.int(),
  /** `pull_request_target`, `workflow_run` …; empty where a setting of the CI decides. */
  trigger: z.string(),
})
export type ForkJob = z.infer<typeof ForkJob>

/** One way from anybody's fork to secrets of production: by a trust rule, or by a config. */
export const ForkPath = z.strictObject({
  /** Admits runs of forks. */
  rule: Named.nullable(),
  /** Runs for forks as the project itself. */
  config: ForkJob.nullable(),
  project: Named,
  from: Place,
  /** The flow that it needs, where the context lies in another segment. */
  flow: z.boolean(),
  context: Named,
  segment: Place,
  secrets: z.int(),
  /** Expressions of the context, which the run of a fork may meet: whoever forks names the branch. */
  expressions: z.array(z.string()),
  /** The enforced policy that alone holds it back; null: nothing does. */
  heldBy: Named.nullable(),
})
export type ForkPath = z.infer<typeof ForkPath>

/** What is removed to break paths: admitting forks, a trigger, the flow, or what lets the project into the context. */
export const PathEdge = z.strictObject({
  kind: z.enum(['trustRule', 'config', 'flow', 'restriction']),
  /** The trust rule's, the config check's, that of the segment a flow comes from, or the context's. */
  id: Id,
  name: z.string(),
  breaks: z.int(),
  of: z.int(),
})
export type PathEdge = z.infer<typeof PathEdge>

/** How much one person reaches, as numbers. */
const PersonReach = z.strictObject({
  person: Named,
  /** Live ones by which contexts are used or changed. */
  grants: z.int(),
  contexts: z.int(),
  secrets: z.int(),
  production: z.int(),
})

export const reach = noun({
  everybody: {
    method: 'GET',
    path: '/reach/people',
    summary:
      'Everybody, with how many contexts and secrets their live grants reach; who reaches most of production first',
    may: 'person:view',
    query: PageQuery,
    returns: page(PersonReach),
  },
  ofProject: {
    method: 'GET',
    path: '/reach/projects/:projectId',
    summary: 'What runs of a project reach, by which way, beside what they used',
    may: 'project:view',
    on: 'project',
    returns: BlastRadius,
  },
  ofPerson: {
    method: 'GET',
    path: '/reach/people/:personId',
    summary: 'Contexts that a person may change or use, by which grant, beside what they did',
    may: 'person:view',
    returns: BlastRadius,
  },
  ofRunnerClass: {
    method: 'GET',
    path: '/reach/runner-classes',
    summary: 'What runs on a runner class reach: those of projects whose trust rule says it',
    may: 'segment:view',
    query: z.strictObject({ runnerClass: z.string().max(100).optional() }),
    returns: z.strictObject({
      /** Those that segments and trust rules name. */
      classes: z.array(z.strictObject({ name: z.string(), segments: z.array(Named) })),
      reach: BlastRadius.nullable(),
    }),
  },
  forkPaths: {
    method: 'GET',
    path: '/reach/fork-paths',
    summary: 'Ways from forks to contexts of production, and what breaks most of them',
    may: 'segment:view',
    returns: z.strictObject({
      paths: z.array(ForkPath),
      more: z.boolean(),
      /** Of those that nothing holds back, or, where there are none, of those that only a policy does. */
      edges: z.array(PathEdge),
      /** Whose configs do not tell: none was ever checked (no `config`), or the newest leaves it open. */
      notKnown: z.array(z.strictObject({ project: Named, config: ForkJob.nullable() })),
      moreNotKnown: z.boolean(),
      /** Whether the reader may see what configs say of any project. */
      configsSeen: z.boolean(),
    }),
  },
})
