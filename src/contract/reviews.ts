import { z } from 'zod'
import { GrantPlace, GrantRole, GrantSubject } from './grants.ts'
import { Id, Moment, MomentGiven, Named, prose, Version } from './id.ts'
import { name } from './name.ts'
import { noun } from './operation.ts'
import { Flag, page, PageQuery } from './page.ts'

/**
 * `running`: reviewers answer; `applying`: signed off, what is to go is being ended; `closed`: nothing of it changes any
 * more; `cancelled`: nothing was ended by it, nor will be.
 */
export const ReviewState = z.enum(['running', 'applying', 'closed', 'cancelled'])
export type ReviewState = z.infer<typeof ReviewState>

export const ReviewDecision = z.enum(['keep', 'revoke'])
export type ReviewDecision = z.infer<typeof ReviewDecision>

/**
 * Whose access is looked at: everybody's by all grants, a team's, that by a role, or what reaches a segment or a context,
 * also where it is granted around it.
 */
export const ReviewScopeKind = z.enum(['organization', 'team', 'role', 'segment', 'context'])
export type ReviewScopeKind = z.infer<typeof ReviewScopeKind>

const ScopeGiven = z.strictObject({
  kind: ReviewScopeKind,
  /** Of the team, role, segment or context. */
  scopeId: Id.optional(),
  /** Only what changes access, rules or secrets. */
  privileged: z.boolean().default(false),
  /** Only what was not used for so many days. */
  unusedDays: z.int().min(1).max(730).optional(),
})

/** Leads of the team by which, or in which, somebody has it; of the team that owns the place; or people by name. */
export const ReviewersKind = z.enum(['leads', 'owners', 'named'])
export type ReviewersKind = z.infer<typeof ReviewersKind>

const ReviewersGiven = z.strictObject({
  reviewers: ReviewersKind,
  /** Whom `named` names. */
  people: z.array(Id).max(20).default([]),
  /** Who answers where nobody else may: the first of them whom the line is not about. */
  fallback: z.array(Id).min(1).max(5),
})

/** What becomes of a line that nobody answered. */
export const WithoutAnswer = z.enum(['keep', 'revoke', 'recommendation'])
export type WithoutAnswer = z.infer<typeof WithoutAnswer>

const ReviewPreviewAsked = z.strictObject({ scope: ScopeGiven, ...ReviewersGiven.shape })

const ReviewCreate = ReviewPreviewAsked.extend({
  name: name(120),
  dueAt: MomentGiven,
  /** So many days before it is due, reviewers who have not answered are reminded. */
  remindDays: z.int().min(1).max(90).optional(),
  withoutAnswer: WithoutAnswer.default('keep'),
  /** The next one begins by itself so many days after this one began. */
  everyDays: z.literal([30, 90, 180]).optional(),
})

export const Review = z.strictObject({
  id: Id,
  /** The first of those that follow each other. */
  seriesId: Id,
  name: z.string(),
  state: ReviewState,
  scope: z.strictObject({
    kind: ReviewScopeKind,
    id: Id.optional(),
    name: z.string(),
    privileged: z.boolean(),
    unusedDays: z.int().optional(),
  }),
  startedBy: Named,
  startedAt: Moment,
  dueAt: Moment,
  withoutAnswer: WithoutAnswer,
  everyDays: z.int().optional(),
  lines: z.int(),
  answered: z.int(),
  /** Lines that wait for whoever looks. */
  mine: z.int(),
  closedAt: Moment.optional(),
  version: Version,
})
export type Review = z.output<typeof Review>

export const ReviewDetail = Review.extend({
  reviewers: ReviewersKind,
  remindDays: z.int().optional(),
  /** Merkle root over the lines as they stood at the start (RFC 6962, hex). */
  root: z.string(),
  /** The same over lines, answers and results, once it is closed. */
  finalRoot: z.string().optional(),
  signedBy: Named.optional(),
  signedAt: Moment.optional(),
  cancelledBy: Named.optional(),
  cancelledAt: Moment.optional(),
  cancelReason: z.string().optional(),
  revoked: z.int(),
  /** While it runs: of those to go, how many would stay, for their team holds it and others in it are to keep it. */
  wouldStay: z.int(),
  results: z.strictObject({ waiting: z.int(), applied: z.int(), over: z.int(), failed: z.int() }),
  /** Whether whoever looks sees every line, or only theirs. */
  whole: z.boolean(),
  maySignOff: z.boolean(),
  mayCancel: z.boolean(),
  mayExport: z.boolean(),
  /** Why it cannot be signed off now, for those who may. */
  whyNotYet: z.string().optional(),
})
export type ReviewDetail = z.output<typeof ReviewDetail>

const Recommendation = z.strictObject({
  decision: ReviewDecision.or(z.literal('none')),
  because: z.string(),
})

/** One line as it stood at the start: frozen, and what the root is over. */
const LineThen = z.strictObject({
  number: z.int(),
  grantId: Id,
  person: Named.extend({ email: z.string() }),
  role: GrantRole,
  scope: GrantPlace,
  via: GrantSubject,
  privileged: z.boolean(),
  expiresAt: Moment.optional(),
  lastUsedAt: Moment.optional(),
  /** How often the person used it, once a minute at the most; when last, stands above. */
  uses: z.int(),
  /** Of a team’s: when somebody in it used it last, and how often all of them did. */
  teamUse: z.strictObject({ lastUsedAt: Moment.optional(), uses: z.int() }).optional(),
  grantedBy: z.string(),
  grantedAt: Moment,
  reason: z.string(),
  /** Others in the person's teams, of whom some hold the same role there or everywhere. */
  peers: z.strictObject({ people: z.int(), hold: z.int() }),
  risk: z.strictObject({
    level: z.enum(['low', 'medium', 'high', 'critical']),
    because: z.array(z.string()),
  }),
  recommendation: Recommendation,
})
export type LineThen = z.output<typeof LineThen>

const LineResult = z.enum(['waiting', 'applied', 'over', 'failed'])

export const ReviewLine = LineThen.extend({
  id: Id,
  reviewers: z.array(Named),
  decision: ReviewDecision.optional(),
  justification: z.string(),
  decidedBy: Named.optional(),
  decidedAt: Moment.optional(),
  /** Nobody answered in time: what the review says of such lines was done. */
  byRule: z.boolean(),
  result: LineResult.optional(),
  /** Why it was not carried out. */
  resultSays: z.string().optional(),
  appliedAt: Moment.optional(),
  /** What has become of the access since the start, without this review. */
  drift: z.string().optional(),
  /** While the review runs: what is recommended since whom it is about has left. What was frozen stays as it is. */
  recommendedNow: Recommendation.optional(),
  /** While the review runs: what a revoke ends besides the line, and why it would end nothing. */
  revoking: z.array(z.string()),
  /** Whether whoever looks may answer it now. */
  mayDecide: z.boolean(),
  mayUndo: z.boolean(),
  /** Of its answer. */
  version: Version,
})
export type ReviewLine = z.output<typeof ReviewLine>

/** How one reviewer did their part. */
const Diligence = z.strictObject({
  reviewer: Named,
  /** All that they answered; what was taken back is open again. */
  lines: z.int(),
  /** Of these, those that were answered several at once, by one justification. */
  atOnce: z.int(),
  /**
   * From one answer to the next, the median over lines that were answered one by one, pauses of more than ten minutes left
   * out. Absent where no two came within that.
   */
  medianSeconds: z.number().optional(),
  revoked: z.int(),
  /** Otherwise than was recommended at the start; where nothing was, neither with nor against it. */
  against: z.int(),
  /** With a note. */
  justified: z.int(),
  firstAt: Moment,
  lastAt: Moment,
})
export type Diligence = z.output<typeof Diligence>

const Answer = z.strictObject({
  decision: ReviewDecision,
  justification: prose(1_000).default(''),
})

export const reviews = noun({
  list: {
    method: 'GET',
    path: '/reviews',
    summary: 'Access reviews that one takes part in or may see, newest first',
    may: 'signed-in',
    query: PageQuery.extend({ state: ReviewState.optional() }),
    returns: page(Review),
  },
  preview: {
    method: 'POST',
    path: '/reviews/preview',
    summary: 'How many lines an access review would have, and who would review them',
    may: 'review:run',
    on: 'any',
    readOnly: true,
    body: ReviewPreviewAsked,
    returns: z.strictObject({
      lines: z.int(),
      people: z.int(),
      privileged: z.int(),
      /** Of how many the recommendation is to revoke. */
      toRevoke: z.int(),
      /** How many are granted around the segment or context, so that a revoke ends more than what is looked at. */
      beyond: z.int(),
      reviewers: z.array(z.strictObject({ person: Named, lines: z.int() })),
      /** People whose lines nobody could review. */
      nobody: z.array(Named),
    }),
  },
  fallbacks: {
    method: 'GET',
    path: '/reviews/fallbacks',
    summary:
      'Who could review where nobody else may: whoever asks, then others who run reviews everywhere',
    may: 'review:run',
    returns: z.strictObject({ items: z.array(Named) }),
  },
  create: {
    method: 'POST',
    path: '/reviews',
    summary: 'Start an access review: the lines are frozen as they stand now',
    may: 'review:run',
    on: 'any',
    body: ReviewCreate,
    returns: ReviewDetail,
    stepUp: true,
  },
  view: {
    method: 'GET',
    path: '/reviews/:reviewId',
    summary: 'One access review, how far it is and what came of it',
    may: 'signed-in',
    returns: ReviewDetail,
  },
  lines: {
    method: 'GET',
    path: '/reviews/:reviewId/lines',
    summary: 'The lines of an access review, by person; without permission to see it, one’s own',
    may: 'signed-in',
    query: PageQuery.extend({
      /** Those that wait for whoever asks, or that they answered. */
      mine: Flag.optional(),
      answer: ReviewDecision.or(z.literal('open')).optional(),
    }),
    returns: page(ReviewLine),
  },
  drift: {
    method: 'GET',
    path: '/reviews/:reviewId/drift',
    summary: 'What became of the access since the start: the frozen lines are none the different',
    may: 'review:view',
    on: 'review',
    returns: z.strictObject({
      /** Lines whose access is there no more, not counting what this review ended. */
      gone: z.int(),
      /** Access that would be a line now and was none at the start. */
      added: z.int(),
      /** Lines about people who have left since and still have it. */
      left: z.int(),
      examples: z.array(z.string()),
    }),
  },
  diligence: {
    method: 'GET',
    path: '/reviews/:reviewId/diligence',
    summary:
      'How an access review was done: by each reviewer how many lines, how fast, and how many at once',
    may: 'review:view',
    on: 'review',
    returns: z.strictObject({
      /** Whoever answered most first. */
      reviewers: z.array(Diligence),
      /** Lines that nobody answered in time. */
      byRule: z.int(),
    }),
  },
  decide: {
    method: 'POST',
    path: '/reviews/:reviewId/lines/:lineId/decide',
    summary: 'Answer a line: keep or revoke; never one’s own access',
    may: 'signed-in',
    body: Answer,
    returns: ReviewLine,
    ifMatch: true,
  },
  decideMany: {
    method: 'POST',
    path: '/reviews/:reviewId/decide',
    summary: 'Answer several lines with one justification: all of them, or none',
    may: 'signed-in',
    body: Answer.extend({
      lines: z
        .array(z.strictObject({ lineId: Id, version: Version }))
        .min(1)
        .max(200),
      justification: prose(1_000).min(1),
    }),
    returns: z.strictObject({ decided: z.int() }),
  },
  undo: {
    method: 'POST',
    path: '/reviews/:reviewId/lines/:lineId/undo',
    summary: 'Take one’s own answer back',
    may: 'signed-in',
    returns: ReviewLine,
    ifMatch: true,
  },
  delegate: {
    method: 'POST',
    path: '/reviews/:reviewId/lines/:lineId/delegate',
    summary: 'Leave a line to somebody else',
    may: 'signed-in',
    body: z.strictObject({ to: Id, reason: prose(1_000).default('') }),
    returns: ReviewLine,
    ifMatch: true,
  },
  signOff: {
    method: 'POST',
    path: '/reviews/:reviewId/sign-off',
    summary:
      'End the review: what is to go is revoked in one’s own name, then nothing changes any more',
    may: 'review:run',
    on: 'review',
    returns: ReviewDetail,
    stepUp: true,
    ifMatch: true,
  },
  cancel: {
    method: 'POST',
    path: '/reviews/:reviewId/cancel',
    summary:
      'Cancel a running access review: nothing is ended, its lines and answers stay to be read',
    may: 'review:run',
    on: 'review',
    body: z.strictObject({
      reason: prose(1_000).min(1),
      /** Of one that repeats: whether the next one begins no more either. */
      endSeries: z.boolean().default(false),
    }),
    returns: ReviewDetail,
    stepUp: true,
    ifMatch: true,
  },
  export: {
    method: 'GET',
    path: '/reviews/:reviewId/export',
    summary: 'Take an access review away as CSV',
    may: 'review:view',
    on: 'review',
    audits: 'each',
    media: 'text/csv',
    returns: z.string(),
  },
  evidence: {
    method: 'GET',
    path: '/reviews/:reviewId/evidence.zip',
    summary: 'Take a closed access review away as an evidence pack, which anybody verifies offline',
    may: 'review:view',
    on: 'review',
    stepUp: true,
    audits: 'each',
    media: 'application/zip',
    returns: z.string(),
  },
})
