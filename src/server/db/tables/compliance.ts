import type { Generated } from 'kysely'
import type { ControlState } from '../../../contract/compliance.ts'

export interface ControlTable {
  id: string
  ownerId: string | null
  note: Generated<string>
  version: Generated<number>
}

export interface ControlTurnTable {
  id: string
  controlId: string
  at: Date
  what: 'state' | 'owner' | 'note'
  state: ControlState | null
  says: string | null
  ownerId: string | null
  byId: string | null
}

export interface ControlDayTable {
  controlId: string
  day: string
  state: ControlState
  says: string
}

export interface ControlLookTable {
  one: Generated<boolean>
  at: Date | null
}
