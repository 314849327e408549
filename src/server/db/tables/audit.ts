import type { Generated, JSONColumnType } from 'kysely'

export interface AuditRollupTable {
  dimension: string
  value: string
  hour: Date
  outcome: string
  count: number
  firstLeaf: number
  lastLeaf: number
}

export interface AuditRollupDayTable extends Omit<AuditRollupTable, 'hour'> {
  day: Date
}

export interface AuditValueTable {
  dimension: string
  value: string
  label: string
  count: number
  lastLeaf: number
}

export interface AuditViewTable {
  id: string
  ownerId: string
  name: string
  search: JSONColumnType<Record<string, string>>
  createdAt: Generated<Date>
  version: Generated<number>
}
