import type { ColumnType, Generated } from 'kysely'
import type { FindingState, FindingSubject } from '../../../contract/findings.ts'

export interface FindingTable {
  id: string
  detection: string
  subjectId: string
  weight: number
  state: Generated<FindingState>
  openedAt: Date
  resolvedAt: Date | null
  until: Date | null
  reason: string | null
  ownerId: string | null
  decidedBy: string | null
  version: Generated<number>
}

export type FindingTurn = 'opened' | 'reopened' | 'muted' | 'accepted' | 'resolved'

export interface FindingTurnTable {
  id: string
  findingId: string
  at: Date
  turn: FindingTurn
  byId: string | null
  reason: string | null
  until: Date | null
}

/** One row that proves a finding. */
export interface EvidenceRow {
  readonly what: string
  readonly name: string
  readonly kind?: string
  readonly id?: string
  readonly says?: string
  readonly at?: string
  readonly line?: number
}

export interface FindingEvidenceTable {
  findingId: string
  subjectKind: FindingSubject
  subjectName: string
  says: string
  rows: ColumnType<EvidenceRow[], string, string>
  more: number
  personId: string | null
  projectId: string | null
  contextId: string | null
  segmentId: string | null
}

export interface FindingLookTable {
  detection: string
  at: Date
  tookMs: number
  found: number
  fault: string | null
}

export interface FindingHeededTable {
  one: Generated<boolean>
  leafIndex: Generated<number>
  networksIndex: Generated<number>
}

export interface ScoreDayTable {
  day: string
  placeId: string
  score: number
}

export interface ScorePointTable {
  placeId: string
  detection: string
  points: number
}

export interface NetworkSeenTable {
  kind: 'person' | 'project'
  subjectId: string
  network: string
  since: Date
  lastAt: Date
  uses: number
}
