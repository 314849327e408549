import type { ColumnType, Generated, GeneratedAlways } from 'kysely'
import type { SecretReference } from '../../../contract/vaults.ts'

/** Where a value is kept instead, as people read it; what is used is sealed like a value. */
type Reference = ColumnType<SecretReference | null, string | null | undefined, string | null>

export interface ContextTable {
  id: string
  name: string
  description: Generated<string>
  segmentId: string | null
  teamId: string | null
  createdBy: string | null
  createdAt: Generated<Date>
  lastUsedAt: Date | null
  audiences: Generated<string[]>
  version: Generated<number>
}

export interface SecretTable {
  id: string
  contextId: string
  name: string
  currentVersion: number
  token: string
  fingerprint: Buffer
  createdAt: Generated<Date>
  updatedAt: Generated<Date>
  lastUsedAt: Date | null
  reference: Reference
  vaultId: GeneratedAlways<string | null>
}

export interface SecretVersionTable {
  secretId: string
  version: number
  sealed: Buffer
  token: string
  fingerprint: Buffer
  how: 'stored' | 'imported' | 'rolled_back' | 'referenced'
  fromVersion: number | null
  createdBy: string | null
  createdAt: Generated<Date>
  reference: Reference
}

export interface RestrictionTable {
  id: string
  contextId: string
  kind: 'project' | 'team' | 'segment' | 'expression'
  projectId: string | null
  teamId: string | null
  segmentId: string | null
  expression: string | null
  createdBy: string | null
  createdAt: Generated<Date>
}

export interface VaultKeyTable {
  purpose: 'kek' | 'fingerprint'
  version: number
  deployment: string
  provider: string
  keyRef: string
  wrapped: Buffer
  createdAt: Generated<Date>
}

export interface ContextReachTable {
  contextId: string
  projects: number
}
