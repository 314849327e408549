import type { ColumnType, Generated } from 'kysely'
import type {
  LineThen,
  ReviewDecision,
  ReviewersKind,
  ReviewScopeKind,
  ReviewState,
  WithoutAnswer,
} from '../../../contract/reviews.ts'

export interface ReviewTable {
  id: string
  seriesId: string
  number: number
  name: string
  scopeKind: ReviewScopeKind
  scopeId: string | null
  scopeName: string
  segmentId: string | null
  contextId: string | null
  privileged: boolean
  unusedDays: number | null
  reviewers: ReviewersKind
  people: string[]
  fallback: string[]
  withoutAnswer: WithoutAnswer
  startedBy: string
  startedAt: Date
  dueAt: Date
  remindDays: number | null
  remindedAt: Date | null
  everyDays: number | null
  nextAt: Date | null
  state: Generated<ReviewState>
  lines: number
  root: string
  signedBy: string | null
  signedAt: Date | null
  signedRequest: ColumnType<SignedRequest | null, string | null | undefined, string | null>
  closedAt: Date | null
  cancelledBy: string | null
  cancelledAt: Date | null
  cancelReason: string | null
  finalRoot: string | null
  version: Generated<number>
}

/** The request by which a review was signed off; one of nobody’s where it was due. */
export interface SignedRequest {
  readonly id: string
  readonly ip: string
  readonly userAgent: string
  readonly session?: string
}

export interface ReviewLineTable {
  id: string
  reviewId: string
  number: number
  grantId: string
  personId: string
  teamId: string | null
  snapshot: ColumnType<LineThen, string, never>
}

export interface ReviewAnswerTable {
  lineId: string
  reviewId: string
  personId: string
  number: number
  reviewers: string[]
  decision: ReviewDecision | null
  justification: Generated<string>
  decidedBy: string | null
  decidedAt: Date | null
  byRule: Generated<boolean>
  delegatedBy: string | null
  result: 'waiting' | 'applied' | 'over' | 'failed' | null
  resultSays: string | null
  appliedAt: Date | null
  version: Generated<number>
}
