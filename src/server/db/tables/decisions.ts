import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { Layer, Outcome } from '../../../contract/decisions.ts'

/** What was known of whoever asked, beside their name, and of the object's place. */
export interface AskedThen {
  readonly segment?: string
  readonly project?: string
  readonly context?: string
  readonly tier?: string
  readonly person?: string
  readonly email?: string
  readonly teams?: readonly { readonly id: string; readonly name: string }[]
  readonly sessionAge?: number
  readonly acr?: string
}

/** What a CI's token said, and by which issuer's. */
export interface TokenThen {
  readonly issuer: string
  readonly claims: Readonly<Record<string, string>>
}

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
  /** Where the object lay and who asked, as it was then: what replay asks again. */
  asked: ColumnType<AskedThen | null, string | null | undefined, never>
  /** What the CI's token said of whose run it is. */
  claims: ColumnType<TokenThen | null, string | null | undefined, never>
  policies: JSONColumnType<{ id: string; version: number; mode: 'evaluate' | 'enforce' }[]>
  sentence: string
  latencyUs: number | null
  /** The layer that refused. */
  cause: string | null
  eventId: string | null
}

export interface DecisionRollupTable {
  hour: Date
  outcome: Outcome
  projectId: string | null
  contextId: string | null
  /** Of the connection that counted; 0 for an hour that is over. */
  slot: Generated<number>
  count: number
}

export interface RefusalDayTable {
  day: string
  cause: string
  projectId: string | null
  contextId: string | null
  /** As in `DecisionRollupTable`. */
  slot: Generated<number>
  count: number
}
