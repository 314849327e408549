import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { Layer } from '../../../contract/decisions.ts'

/** One policy as the replayed set has it. */
export interface ReplayedPolicy {
  readonly policyId: string | null
  readonly name: string
  readonly version: number | null
  readonly text: string
  readonly removed: boolean
}

export interface ReplayTable {
  id: string
  changes: JSONColumnType<ReplayedPolicy[]>
  fromAt: Date
  untilAt: Date
  projectId: string | null
  contextId: string | null
  action: string | null
  state: Generated<'waiting' | 'running' | 'done' | 'cancelled' | 'failed'>
  total: Generated<number>
  done: Generated<number>
  distinctFacts: Generated<number>
  untold: Generated<number>
  fault: string | null
  createdBy: string | null
  createdAt: ColumnType<Date, Date | undefined, never>
  progressedAt: Date | null
  finishedAt: Date | null
}

export interface ReplayTraceTable {
  replayId: string
  number: number
  before: JSONColumnType<Layer[]>
  after: JSONColumnType<Layer[]>
  sentence: string
}

export interface ReplayChangedTable {
  replayId: string
  decisionId: string
  at: Date
  newlyDenied: boolean
  number: number
}
