import type { ColumnType, Generated } from 'kysely'
import type { IssuerKind, TrustCondition } from '../../../contract/trust.ts'

export interface IssuerTable {
  id: string
  name: string
  kind: IssuerKind
  url: string
  audience: string
  algorithms: string[]
  leewaySeconds: Generated<number>
  maxAgeSeconds: Generated<number>
  bindAddress: Generated<boolean>
  createdBy: string | null
  createdAt: Generated<Date>
  version: Generated<number>
}

export interface TrustRuleTable {
  id: string
  name: string
  issuerId: string
  projectId: string
  conditions: ColumnType<TrustCondition[], string, string>
  allowForks: Generated<boolean>
  allowSshReruns: Generated<boolean>
  runnerClass: string | null
  createdBy: string | null
  createdAt: Generated<Date>
  version: Generated<number>
}

export interface TrustRuleUsedTable {
  trustRuleId: string
  lastUsedAt: Date
}

export interface LeaseTable {
  id: string
  kind: 'secrets' | 'token'
  secretHash: Buffer | null
  issuerId: string | null
  trustRuleId: string | null
  projectId: string
  projectName: string
  actorId: string
  actorName: string
  runId: string | null
  jobId: string | null
  run: ColumnType<unknown, string, never>
  audience: string | null
  boundAddress: string | null
  jkt: string | null
  state: Generated<'issued' | 'redeemed' | 'revoked'>
  issuedAt: Date
  expiresAt: Date
  redeemedAt: Date | null
  redeemedFrom: string | null
  revokedAt: Date | null
  revokedBy: string | null
  revokeReason: string | null
}

export interface LeaseReplayTable {
  id: string
  leaseId: string
  at: Date
  ip: string
}

export interface LeaseContextTable {
  leaseId: string
  contextId: string
  contextName: string
  decisionId: string | null
  position: number
}

export interface SubjectTokenTable {
  key: Buffer
  contexts: Buffer
  expiresAt: Date
  leaseId: string
}

export interface FederationKeyTable {
  kid: string
  publicJwk: ColumnType<Record<string, unknown>, string, never>
  wrapped: Buffer
  keyRef: string
  createdAt: Generated<Date>
  signsFrom: Date
  retiredAt: Date | null
}

export interface VaultServerTable {
  id: string
  name: string
  address: string
  namespace: string | null
  authPath: Generated<string>
  role: string
  audience: string
  createdBy: string | null
  createdAt: Generated<Date>
  version: Generated<number>
}
