import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { Layer, Outcome } from '../../../contract/decisions.ts'

export interface DecisionTable {
  id: string
  at: Generated<Date>
  actorKind: string
  actorId: string
  actorName: string
  action: string
  resourceKind: string
  resourceId: string
  resourceName: string
  projectId: string | null
  contextId: string | null
  outcome: Outcome
  wouldDeny: Generated<boolean>
  layers: JSONColumnType<Layer[]>
  facts: JSONColumnType<Record<string, unknown>>
  /** `RunFacts` without its time, which is the decision's. */
  run: ColumnType<Record<string, unknown> | null, string | null | undefined, never>
  policies: JSONColumnType<{ id: string; version: number; mode: 'evaluate' | 'enforce' }[]>
  sentence: string
  latencyUs: number | null
  eventId: string | null
}

export interface DecisionRollupTable {
  hour: Date
  outcome: Outcome
  projectId: string | null
  contextId: string | null
  count: number
}
