export {
  countRecorded,
  recordedDecision,
  recordedDecisions,
  refusedBeside,
  type RecordedDecision,
} from './recorded.ts'
export { decisionsWithin } from './visible.ts'
