import { z } from 'zod'
import { Outcome } from './decisions.ts'
import { Id, Moment, Version } from './id.ts'
import { name } from './name.ts'
import { noun } from './operation.ts'
import { Nothing, page, PageQuery } from './page.ts'
import { inOrder, range } from './range.ts'

const Party = z.strictObject({ kind: z.string(), id: z.string(), name: z.string() })

/** One line of the audit trail. `index` is its place in the Merkle tree; absent until the sealer has given it one. */
export const AuditEvent = z.strictObject({
  id: Id,
  index: z.int().optional(),
  occurredAt: Moment,
  actor: Party,
  action: z.string(),
  resource: Party.optional(),
  outcome: Outcome,
  projectId: z.string().optional(),
  contextId: z.string().optional(),
  sessionId: z.string().optional(),
  requestId: z.string().optional(),
  ip: z.string().optional(),
  sentence: z.string().optional(),
})
export type AuditEvent = z.infer<typeof AuditEvent>

/** The whole event, as its leaf has it. */
export const AuditEventDetail = AuditEvent.extend({
  userAgent: z.string().optional(),
  acr: z.string().optional(),
  issuer: z.string().optional(),
  count: z.number().optional(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  detail: z.unknown().optional(),
  decision: z.unknown().optional(),
  /** The exact bytes that are hashed, in base64; absent while the event waits. */
  leaf: z.string().optional(),
  /** What the leaf holds as `personal:` and SHA-256(salt ‖ value) alone, so that whom it names can be erased. */
  personal: z.array(z.strictObject({ salt: z.string(), values: z.array(z.string()) })).optional(),
})
export type AuditEventDetail = z.infer<typeof AuditEventDetail>

const search = {
  /** `actor:ada action:context.* outcome:denied` */
  q: z.string().max(1_000).optional(),
  ...range,
}
export const AuditSearch = inOrder(z.strictObject(search))
export type AuditSearch = z.infer<typeof AuditSearch>

const AuditPage = page(AuditEvent).extend({
  /** On the first page: what happened but is not in the tree yet. */
  pending: z.array(AuditEvent).optional(),
})

export const AuditFacets = z.strictObject({
  /** Whether every match was counted, or the newest of them. */
  counted: z.enum(['all', 'newest']),
  facets: z.array(
    z.strictObject({
      field: z.string(),
      values: z.array(z.strictObject({ value: z.string(), label: z.string(), count: z.int() })),
    }),
  ),
})
export type AuditFacets = z.infer<typeof AuditFacets>

export const AuditTimeline = z.strictObject({
  bucketSeconds: z.int(),
  points: z.array(
    z.strictObject({
      at: Moment,
      permitted: z.int(),
      would_deny: z.int(),
      denied: z.int(),
      failed: z.int(),
    }),
  ),
})

/** Everything with which an outsider checks that an event is in the signed record. */
export const AuditProof = z.strictObject({
  index: z.int(),
  treeSize: z.int(),
  leaf: z.string(),
  path: z.array(z.string()),
  /** The signed checkpoint (C2SP tlog-checkpoint). */
  checkpoint: z.string(),
  /** For comparison with the key one has pinned; never to be trusted because it came along. */
  verifierKey: z.string(),
})
export type AuditProof = z.infer<typeof AuditProof>

const Checkpoint = z.strictObject({
  treeSize: z.int(),
  root: z.string(),
  note: z.string(),
  createdAt: Moment,
})
export type AuditCheckpoint = z.infer<typeof Checkpoint>

/** Events that have left the record for an evidence pack that keeps them; their hashes, and every root, stay. */
const Pruned = z.strictObject({
  first: z.int(),
  /** The first that is left. */
  until: z.int(),
  newestAt: Moment,
  /** SHA-256 of the pack, in hex. */
  pack: z.string(),
  prunedAt: Moment,
  event: Id,
})
export type AuditPruned = z.infer<typeof Pruned>

export const audit = noun({
  list: {
    method: 'GET',
    path: '/audit',
    summary: 'Search the audit trail, newest first',
    may: 'audit:view',
    query: inOrder(PageQuery.extend(search)),
    returns: AuditPage,
    audits: 'per-minute',
  },
  facets: {
    method: 'GET',
    path: '/audit/facets',
    summary: 'Count what a search finds by outcome, actor, action, kind, project and context',
    may: 'audit:view',
    query: AuditSearch,
    returns: AuditFacets,
    audits: 'per-minute',
  },
  timeline: {
    method: 'GET',
    path: '/audit/timeline',
    summary: 'Count what a search finds over time, by outcome',
    may: 'audit:view',
    query: AuditSearch,
    returns: AuditTimeline,
    audits: 'per-minute',
  },
  tail: {
    method: 'GET',
    path: '/audit/tail',
    summary: 'Follow events as they are put in order; resumable by Last-Event-ID',
    may: 'audit:view',
    query: z.strictObject({ q: search.q }),
    returns: AuditEvent,
    stream: true,
    audits: 'per-minute',
  },
  export: {
    method: 'GET',
    path: '/audit/export.csv',
    summary: 'Take what a search finds away as CSV, newest first',
    may: 'audit:export',
    query: AuditSearch,
    returns: z.string(),
    media: 'text/csv',
    stepUp: true,
    audits: 'each',
  },
  exportLines: {
    method: 'GET',
    path: '/audit/export.ndjson',
    summary: 'Take what a search finds away as whole events in JSON, one a line, newest first',
    may: 'audit:export',
    query: AuditSearch,
    returns: z.string(),
    media: 'application/x-ndjson',
    stepUp: true,
    audits: 'each',
  },
  evidence: {
    method: 'GET',
    path: '/audit/evidence.zip',
    summary: 'Take what a search finds away as an evidence pack, which anybody verifies offline',
    may: 'audit:export',
    query: inOrder(
      z.strictObject({
        ...search,
        /** The size of a checkpoint that one has kept: the pack proves that it continues it. */
        since: z.coerce.number().int().min(1).optional(),
      }),
    ),
    returns: z.string(),
    media: 'application/zip',
    stepUp: true,
    audits: 'each',
  },
  checkpoints: {
    method: 'GET',
    path: '/audit/checkpoints',
    summary: 'List signed checkpoints, newest first',
    may: 'audit:view',
    query: PageQuery,
    returns: page(Checkpoint).extend({
      verifierKey: z.string(),
      status: z.literal('self-attested'),
      /** Newest first. */
      pruned: z.array(Pruned),
    }),
    audits: 'per-minute',
  },
  consistency: {
    method: 'GET',
    path: '/audit/consistency',
    summary: 'Prove that one tree is the beginning of another',
    may: 'audit:view',
    query: z.strictObject({
      first: z.coerce.number().int().min(1),
      second: z.coerce.number().int().min(1),
    }),
    returns: z.strictObject({ first: z.int(), second: z.int(), proof: z.array(z.string()) }),
    audits: 'per-minute',
  },
  view: {
    method: 'GET',
    path: '/audit/:eventId',
    summary: 'Read one event whole',
    may: 'audit:view',
    params: z.strictObject({ eventId: Id }),
    returns: AuditEventDetail,
    audits: 'per-minute',
  },
  proof: {
    method: 'GET',
    path: '/audit/:eventId/proof',
    summary: 'Prove that an event is in the signed record',
    may: 'audit:view',
    params: z.strictObject({ eventId: Id }),
    returns: AuditProof,
    audits: 'per-minute',
  },
})

/** A search that somebody keeps, for themselves. */
const AuditView = z.strictObject({
  id: Id,
  name: z.string(),
  search: z.strictObject(search),
  createdAt: Moment,
  version: Version,
})
type AuditView = z.infer<typeof AuditView>
const AuditViewCreate = z.strictObject({ name: name(80), search: AuditSearch })

export const auditViews = noun({
  list: {
    method: 'GET',
    path: '/audit-views',
    summary: 'List one’s own saved searches of the audit trail',
    may: 'audit:view',
    query: PageQuery,
    returns: page(AuditView),
  },
  create: {
    method: 'POST',
    path: '/audit-views',
    summary: 'Save a search of the audit trail',
    may: 'audit:view',
    on: 'any',
    body: AuditViewCreate,
    returns: AuditView,
  },
  update: {
    method: 'PATCH',
    path: '/audit-views/:viewId',
    summary: 'Rename a saved search, or change what it looks for',
    may: 'audit:view',
    on: 'any',
    body: AuditViewCreate.partial(),
    returns: AuditView,
    ifMatch: true,
  },
  remove: {
    method: 'DELETE',
    path: '/audit-views/:viewId',
    summary: 'Delete a saved search',
    may: 'audit:view',
    on: 'any',
    ifMatch: true,
    returns: Nothing,
  },
})
