import { z } from 'zod'
import { cicdRisks } from './cicd-risks.ts'
import { Id, line, Moment, MomentGiven, Named, Version } from './id.ts'
import { noun } from './operation.ts'
import { page, PageQuery } from './page.ts'
import { Permission } from './permissions.ts'

export const Severity = z.enum(['critical', 'high', 'medium', 'low'])
export type Severity = z.infer<typeof Severity>

/** What a finding weighs, as OpenSSF Scorecard weighs its checks. */
export const weights: Readonly<Record<Severity, number>> = {
  critical: 10,
  high: 7.5,
  medium: 5,
  low: 2.5,
}

export const FindingState = z.enum(['open', 'muted', 'accepted', 'resolved'])
export type FindingState = z.infer<typeof FindingState>

/** The kinds of object that a finding can be about; who may see the object may be told of the finding. */
export const FindingSubject = z.enum([
  'organization',
  'person',
  'team',
  'role',
  'grant',
  'segment',
  'project',
  'context',
  'policy',
  'issuer',
  'trustRule',
  'lease',
  'apiToken',
  'review',
])
export type FindingSubject = z.infer<typeof FindingSubject>

export type CicdRisk = keyof typeof cicdRisks
export const CicdRisk = z.enum(Object.keys(cicdRisks) as [CicdRisk, ...CicdRisk[]])

/** A requirement that the finding touches: `PCI DSS 8.2.6`, `SOC 2 CC6.3`. */
const Control = z.string()

/** Which change of the console mends it, prefilled: the page knows the address. */
export const FixOpens = z.enum([
  'grant.revoke',
  'grant.end',
  'grants.revoke',
  'person.sessions',
  'context.restrictBranch',
  'context.restrictSegment',
  'context.restrictTeam',
  'forkPaths',
  'context.replaceSecret',
  'context.deleteSecret',
  'context.federate',
  'context.owner',
  'context.closed',
  'policy.enforcement',
  'policy.text',
  'policy.retire',
  'trustRule.name',
  'trustRule.wildcard',
  'trustRule.forks',
  'trustRule.ssh',
  'issuer.audience',
  'issuer.bindAddress',
  'project.owner',
  'project.check',
  'project.checkNew',
  'project.refused',
  'segment.settings',
  'role.delete',
  'role.edit',
  'team',
  'team.out',
  'lease.rotate',
  'apiTokens',
  'checkpoints',
  'grantAdmin',
  'review.again',
])
export type FixOpens = z.infer<typeof FixOpens>

const Fix = z.strictObject({ label: z.string(), opens: FixOpens, id: Id })

/** One row that proves it: what it is, with its page where it has one, and when. */
export const Evidence = z.strictObject({
  what: z.string(),
  name: z.string(),
  kind: z.string().optional(),
  id: z.string().optional(),
  says: z.string().optional(),
  at: Moment.optional(),
  /** Of a config, where it is a line of one; begins at 1. */
  line: z.int().optional(),
})

const FindingRow = z.strictObject({
  id: Id,
  detection: z.string(),
  title: z.string(),
  severity: Severity,
  state: FindingState,
  subject: z.strictObject({ kind: FindingSubject, id: Id, name: z.string() }),
  /** What is wrong with this one, in a sentence. */
  says: z.string(),
  person: Named.nullable(),
  project: Named.nullable(),
  context: Named.nullable(),
  openedAt: Moment,
  resolvedAt: Moment.nullable(),
  /** Until when it is muted or accepted. */
  until: Moment.nullable(),
  owner: Named.nullable(),
  version: Version,
  allowed: z.array(Permission),
})
export type FindingRow = z.output<typeof FindingRow>

const Turn = z.strictObject({
  turn: z.enum(['opened', 'reopened', 'muted', 'accepted', 'resolved']),
  at: Moment,
  /** Nobody where the console itself saw it. */
  by: Named.nullable(),
  reason: z.string().nullable(),
  until: Moment.nullable(),
})

const Finding = FindingRow.extend({
  /** Why it matters. */
  why: z.string(),
  /** What it takes from a score, of the weights of all that is looked for: 10, 7.5, 5 or 2.5. */
  weight: z.number(),
  cicdRisk: CicdRisk,
  controls: z.array(Control),
  evidence: z.array(Evidence),
  /** Rows that prove it beyond those shown. */
  more: z.int(),
  fix: Fix,
  reason: z.string().nullable(),
  history: z.array(Turn),
  lookedAt: Moment.nullable(),
})
export type Finding = z.output<typeof Finding>

const Filters = {
  state: FindingState.or(z.literal('any')).default('open'),
  severity: Severity.optional(),
  /** A detection's id; one that is not there has no findings. */
  detection: z.string().min(1).max(60).optional(),
  risk: CicdRisk.optional(),
  person: Id.optional(),
  project: Id.optional(),
  context: Id.optional(),
  segment: Id.optional(),
}

const Facet = z.strictObject({ value: z.string(), label: z.string(), count: z.int() })

const Detection = z.strictObject({
  id: z.string(),
  title: z.string(),
  why: z.string(),
  severity: Severity,
  cicdRisk: CicdRisk,
  controls: z.array(Control),
  open: z.int(),
  /** When everything was looked at last; absent before the first time. */
  lookedAt: Moment.nullable(),
  /** Why it could not be looked for. */
  fault: z.string().nullable(),
  /** Until when nothing can be said, since the record does not go back far enough yet. */
  silentUntil: Moment.nullable(),
})
export type Detection = z.output<typeof Detection>

const reason = line(500)

export const findings = noun({
  list: {
    method: 'GET',
    path: '/findings',
    summary: 'Findings, the worst first',
    may: 'finding:view',
    query: PageQuery.extend(Filters),
    returns: page(FindingRow),
  },
  facets: {
    method: 'GET',
    path: '/findings/facets',
    summary: 'How many findings there are, by severity, detection and state',
    may: 'finding:view',
    query: z.strictObject(Filters),
    returns: z.strictObject({
      severity: z.array(Facet),
      detection: z.array(Facet),
      state: z.array(Facet),
    }),
  },
  detections: {
    method: 'GET',
    path: '/findings/detections',
    summary: 'What is looked for, why, and when it was last',
    may: 'finding:view',
    returns: z.strictObject({ items: z.array(Detection) }),
  },
  view: {
    method: 'GET',
    path: '/findings/:findingId',
    summary: 'One finding with its evidence, fix and history',
    may: 'finding:view',
    on: 'finding',
    returns: Finding,
  },
  mute: {
    method: 'POST',
    path: '/findings/:findingId/mute',
    summary: 'Mute a finding for a time, with the reason',
    may: 'finding:update',
    on: 'finding',
    ifMatch: true,
    body: z.strictObject({ reason, until: MomentGiven }),
    returns: Finding,
  },
  accept: {
    method: 'POST',
    path: '/findings/:findingId/accept',
    summary: 'Accept a risk until a date, with who answers for it',
    may: 'finding:update',
    on: 'finding',
    ifMatch: true,
    stepUp: true,
    body: z.strictObject({ reason, ownerId: Id, until: MomentGiven }),
    returns: Finding,
  },
  reopen: {
    method: 'POST',
    path: '/findings/:findingId/reopen',
    summary: 'Open a finding again that was muted or accepted',
    may: 'finding:update',
    on: 'finding',
    ifMatch: true,
    body: z.strictObject({ reason }),
    returns: Finding,
  },
  muteMany: {
    method: 'POST',
    path: '/findings/mute',
    summary: 'Mute several findings at once: all of them, or none',
    may: 'finding:update',
    on: 'any',
    body: z.strictObject({
      findingIds: z.array(Id).min(1).max(200),
      reason,
      until: MomentGiven,
    }),
    returns: z.strictObject({ muted: z.int() }),
  },
})
