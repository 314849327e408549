import type { ControlRef } from '../../../contract/control-refs.ts'

/** A requirement: what it asks in our words, what in the product speaks to it, and by which checks that is seen. */
export interface ControlDefinition {
  readonly ref: ControlRef
  readonly title: string
  readonly summary: string
  readonly speaks: string
  /** Ids of checks; none where nothing here can measure it, and `beyond` then says why. */
  readonly checks: readonly string[]
  /** What of it nothing here can show. */
  readonly beyond?: string
  /** What is measured is too little of it to call it met. */
  readonly most?: 'partly'
}
