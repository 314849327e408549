import type * as api from './tables/api.ts'
import type * as ledger from './tables/ledger.ts'

/** Every table, by its name in TypeScript; the rows are described one file per noun. */
export interface Tables {
  apiToken: api.ApiTokenTable
  apiTokenUsed: api.ApiTokenUsedTable
  idempotency: api.IdempotencyTable
  dpopSeen: api.DpopSeenTable
  readFold: api.ReadFoldTable
  auditQueue: ledger.AuditQueueTable
  logState: ledger.LogStateTable
  auditEntry: ledger.AuditEntryTable
  auditTile: ledger.AuditTileTable
  auditCheckpoint: ledger.AuditCheckpointTable
}
