export { decisionsFile } from './file.ts'
export { previewImpact } from './impact.ts'
export { demandReason, withReason } from './reason.ts'
export {
  countRecorded,
  identityKnown,
  recordedDecision,
  recordedDecisions,
  recordedRun,
  refusedBeside,
  type RecordedDecision,
} from './recorded.ts'
export { decisionsWithin } from './visible.ts'
