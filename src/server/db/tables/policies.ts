import type { ColumnType, Generated } from 'kysely'
import type { PolicyFacts } from '../../../contract/policy-facts.ts'

export interface PolicyTable {
  id: string
  name: string
  description: Generated<string>
  mode: Generated<'draft' | 'evaluate' | 'enforce'>
  /** The newest version written. */
  currentVersion: Generated<number>
  /** The version that is evaluated or enforced; none for a draft. */
  versionInForce: number | null
  /** Until when it is tried; of a policy in evaluate mode, and of no other. */
  evaluateUntil: Date | null
  ownerId: string | null
  createdBy: string | null
  createdAt: Generated<Date>
  version: Generated<number>
}

export interface PolicyVersionTable {
  policyId: string
  number: number
  text: string
  summary: Generated<string>
  author: string | null
  createdAt: Generated<Date>
}

export interface PolicyApprovalTable {
  id: string
  policyId: string
  number: number
  askedBy: string
  askedAt: Generated<Date>
  reason: Generated<string>
  verdict: 'approved' | 'declined' | 'withdrawn' | null
  decidedBy: string | null
  decidedAt: Date | null
  replayId: string | null
}

export interface PolicyTestTable {
  id: string
  policyId: string
  name: string
  facts: ColumnType<PolicyFacts, string, never>
  expected: 'permitted' | 'denied'
  decisionId: string | null
  leftOut: string[]
  createdBy: string | null
  createdAt: Generated<Date>
  version: Generated<number>
}

export interface PolicyUsageTable {
  policyId: string
  policyVersion: number
  days: number
  applies: number
  denies: number
  statements: ColumnType<
    { applies: number; denies: number; reason: string | null }[],
    string,
    string
  >
  computedAt: Date
}

export interface PolicyUsageEpochTable {
  one: Generated<boolean>
  epoch: string | null
  computedAt: Date | null
}

export interface PolicyEpochTable {
  one: Generated<boolean>
  epoch: string
}
