import type { Generated } from 'kysely'

export interface AuditQueueTable {
  xid: Generated<string>
  eventId: string
  occurredAt: Date
  leaf: Buffer
  /** `PersonsOpening[]`, in JSON. */
  personal: string | null
  queuedAt: Generated<Date>
}

export interface LogStateTable {
  logId: Generated<number>
  origin: string
  treeSize: Generated<number>
  lastSignedSize: Generated<number>
  lastSignedRoot: Buffer | null
  /** The first leaf whose event is left in the record. */
  minIndex: Generated<number>
}

export interface RecordPrunedTable {
  untilLeaf: number
  firstLeaf: number
  newestAt: Date
  packSha256: string
  prunedAt: Date
  eventId: string
}

export interface AuditEntryTable {
  leafIndex: number
  eventId: string
  leaf: Buffer
  leafHash: Buffer
  occurredAt: Date
  actorKind: string
  actorId: string
  actorName: string
  action: string
  noun: string
  resourceKind: string | null
  resourceId: string | null
  resourceName: string | null
  outcome: string
  projectId: string | null
  contextId: string | null
  sessionId: string | null
  requestId: string | null
  ip: string | null
  sentence: string | null
  /** What names people in the event: an `Opening` each, in JSON, joined by commas; without theirs who have been erased. */
  beside: Buffer | null
}

/** Whom an event names, but for whoever did it. */
export interface AuditNamedTable {
  leafIndex: number
  personId: string
  /** With which their opening begins. */
  salt: string
}

export interface AuditTileTable {
  level: number
  index: number
  hashes: Buffer
}

export interface AuditCheckpointTable {
  treeSize: number
  root: Buffer
  note: string
  createdAt: Generated<Date>
}
