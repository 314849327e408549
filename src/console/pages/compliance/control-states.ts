import type { ControlState } from '../../../contract/compliance.ts'

/** In the order of what is to be done first. */
export const stateWords: Readonly<Record<ControlState, string>> = {
  not_met: 'Not met',
  partly: 'Partly met',
  not_measurable: 'Not measurable here',
  met: 'Met',
}

export const states = Object.keys(stateWords) as readonly ControlState[]
