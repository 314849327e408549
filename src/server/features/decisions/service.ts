export { previewImpact } from './impact.ts'
export {
  countRecorded,
  recordedDecision,
  recordedDecisions,
  recordedRun,
  refusedBeside,
  type RecordedDecision,
} from './recorded.ts'
export { decisionsWithin } from './visible.ts'
