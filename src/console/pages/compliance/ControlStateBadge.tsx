import type { ControlState } from '../../../contract/compliance.ts'
import { Status } from '../../ui/Status.tsx'
import { stateWords } from './control-states.ts'

const meanings = {
  met: 'good',
  partly: 'would',
  not_met: 'denied',
  not_measurable: 'unknown',
} as const

export const ControlStateBadge = ({ state }: { readonly state: ControlState }) => (
  <Status is={meanings[state]}>{stateWords[state]}</Status>
)
