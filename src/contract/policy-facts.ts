import { z } from 'zod'
import { MomentGiven } from './id.ts'
import { Permission } from './permissions.ts'

/** Ids and names as policies see them: a workload's id is not a UUID. */
const text = z.string().min(1).max(300)
const Place = z.strictObject({ id: text, name: text })
const Logins = z.array(text).max(50)

/** Everything that a policy can read of a pipeline run that asks for a context; what is left out is unknown. */
const RunFactsGiven = z.strictObject({
  kind: z.literal('run'),
  at: MomentGiven,
  workload: Place,
  context: Place.extend({ segmentId: text.optional() }),
  project: Place.extend({
    slug: text.optional(),
    segment: Place.optional(),
    team: Place.optional(),
  }).optional(),
  provider: text,
  branch: text.optional(),
  tag: text.optional(),
  defaultBranch: z.boolean().optional(),
  fromFork: z.boolean(),
  sshRerun: z.boolean(),
  runnerClass: text.optional(),
  trigger: text.optional(),
  actorLogin: text.optional(),
  environment: text.optional(),
  protectedRef: z.boolean().optional(),
  ip: z.union([z.ipv4(), z.ipv6()]).optional(),
  approvers: Logins.optional(),
  authors: Logins.optional(),
})

/** Everything that a policy can read of what somebody asks for in the console, or by an API token. */
const ConsoleFactsGiven = z.strictObject({
  kind: z.literal('console'),
  at: MomentGiven,
  action: Permission,
  person: Place.extend({ email: text.optional(), teams: z.array(Place).max(100) }),
  client: z.enum(['console', 'token']),
  resource: Place.extend({
    kind: z.string().regex(/^[a-z][A-Za-z]{0,40}$/, 'must be a kind of object'),
    segmentId: text.optional(),
    projectId: text.optional(),
    contextId: text.optional(),
    tier: text.optional(),
  }),
  ip: z.union([z.ipv4(), z.ipv6()]).optional(),
  /** Seconds since the person last proved who they are. */
  sessionAge: z.int().min(0).optional(),
  acr: text.optional(),
})

/** What one question is asked of policies with: of a recorded decision, or as somebody writes it for a test. */
export const PolicyFacts = z.discriminatedUnion('kind', [RunFactsGiven, ConsoleFactsGiven])
export type PolicyFacts = z.infer<typeof PolicyFacts>
