import type * as access from './tables/access.ts'
import type * as api from './tables/api.ts'
import type * as audit from './tables/audit.ts'
import type * as compliance from './tables/compliance.ts'
import type * as contexts from './tables/contexts.ts'
import type * as decisions from './tables/decisions.ts'
import type * as exceptions from './tables/exceptions.ts'
import type * as exports from './tables/exports.ts'
import type * as findings from './tables/findings.ts'
import type * as ledger from './tables/ledger.ts'
import type * as pipelines from './tables/pipelines.ts'
import type * as people from './tables/people.ts'
import type * as policies from './tables/policies.ts'
import type * as projects from './tables/projects.ts'
import type * as replays from './tables/replays.ts'
import type * as requests from './tables/requests.ts'
import type * as reviews from './tables/reviews.ts'
import type * as trust from './tables/trust.ts'

/** Every table, by its name in TypeScript; the rows are described one file per noun. */
export interface Tables {
  person: people.PersonTable
  team: people.TeamTable
  teamMember: people.TeamMemberTable
  session: people.SessionTable
  sessionSeen: people.SessionSeenTable
  role: access.RoleTable
  accessGrant: access.AccessGrantTable
  grantUsed: access.GrantUsedTable
  grantUsedBy: access.GrantUsedByTable
  requestRule: requests.RequestRuleTable
  accessRequest: requests.AccessRequestTable
  requestStep: requests.RequestStepTable
  review: reviews.ReviewTable
  reviewLine: reviews.ReviewLineTable
  reviewAnswer: reviews.ReviewAnswerTable
  segment: projects.SegmentTable
  segmentRange: projects.SegmentRangeTable
  segmentFlow: projects.SegmentFlowTable
  segmentMatrix: projects.SegmentMatrixTable
  project: projects.ProjectTable
  context: contexts.ContextTable
  secret: contexts.SecretTable
  secretVersion: contexts.SecretVersionTable
  restriction: contexts.RestrictionTable
  contextReach: contexts.ContextReachTable
  policy: policies.PolicyTable
  policyVersion: policies.PolicyVersionTable
  policyApproval: policies.PolicyApprovalTable
  policyEpoch: policies.PolicyEpochTable
  policyTest: policies.PolicyTestTable
  policyUsage: policies.PolicyUsageTable
  policyUsageEpoch: policies.PolicyUsageEpochTable
  replay: replays.ReplayTable
  replayTrace: replays.ReplayTraceTable
  replayChanged: replays.ReplayChangedTable
  decision: decisions.DecisionTable
  decisionRollup: decisions.DecisionRollupTable
  refusalDay: decisions.RefusalDayTable
  export: exports.ExportTable
  exportPiece: exports.ExportPieceTable
  finding: findings.FindingTable
  findingTurn: findings.FindingTurnTable
  findingEvidence: findings.FindingEvidenceTable
  findingLook: findings.FindingLookTable
  scoreDay: findings.ScoreDayTable
  scorePoint: findings.ScorePointTable
  findingHeeded: findings.FindingHeededTable
  networkSeen: findings.NetworkSeenTable
  control: compliance.ControlTable
  controlTurn: compliance.ControlTurnTable
  controlDay: compliance.ControlDayTable
  controlLook: compliance.ControlLookTable
  issuer: trust.IssuerTable
  trustRule: trust.TrustRuleTable
  trustRuleUsed: trust.TrustRuleUsedTable
  lease: trust.LeaseTable
  leaseReplay: trust.LeaseReplayTable
  leaseContext: trust.LeaseContextTable
  subjectToken: trust.SubjectTokenTable
  federationKey: trust.FederationKeyTable
  vaultServer: trust.VaultServerTable
  useException: exceptions.UseExceptionTable
  pipelineConfig: pipelines.PipelineConfigTable
  pipelineCheck: pipelines.PipelineCheckTable
  vaultKey: contexts.VaultKeyTable
  apiToken: api.ApiTokenTable
  apiTokenUsed: api.ApiTokenUsedTable
  idempotency: api.IdempotencyTable
  dpopSeen: api.DpopSeenTable
  readFold: api.ReadFoldTable
  auditRollup: audit.AuditRollupTable
  auditRollupDay: audit.AuditRollupDayTable
  auditValue: audit.AuditValueTable
  auditView: audit.AuditViewTable
  auditQueue: ledger.AuditQueueTable
  logState: ledger.LogStateTable
  auditEntry: ledger.AuditEntryTable
  auditNamed: ledger.AuditNamedTable
  recordPruned: ledger.RecordPrunedTable
  auditTile: ledger.AuditTileTable
  auditCheckpoint: ledger.AuditCheckpointTable
}
