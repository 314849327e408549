import type { Generated } from 'kysely'

export interface PolicyTable {
  id: string
  name: string
  description: Generated<string>
  mode: Generated<'draft' | 'evaluate' | 'enforce'>
  /** The newest version written. */
  currentVersion: Generated<number>
  /** The version that is evaluated or enforced; none for a draft. */
  versionInForce: number | null
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
}

export interface PolicyEpochTable {
  one: Generated<boolean>
  epoch: string
}
