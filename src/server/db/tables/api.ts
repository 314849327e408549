import type { Generated } from 'kysely'

export interface ApiTokenTable {
  id: string
  name: string
  personId: string
  /** Null once the role has been deleted, which no live token survives. */
  roleId: string | null
  /** As the role was called when it was deleted. */
  roleName: string | null
  hash: Buffer
  hint: string
  allowSensitive: boolean
  createdAt: Generated<Date>
  expiresAt: Date
  revokedAt: Date | null
  revokedBy: string | null
  version: Generated<number>
}

export interface ApiTokenUsedTable {
  tokenId: string
  lastUsedAt: Date
  ip: string
}

export interface IdempotencyTable {
  actorId: string
  key: string
  operation: string
  requestHash: Buffer
  status: number
  answer: string | null
  createdAt: Generated<Date>
}

export interface DpopSeenTable {
  hash: Buffer
  expiresAt: Date
}

export interface ReadFoldTable {
  actorId: string
  operation: string
  minute: Date
}
