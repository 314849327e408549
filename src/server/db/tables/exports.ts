import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { Export } from '../../../contract/exports.ts'

/** Where a permission was held. */
interface Held {
  readonly everywhere: boolean
  readonly segments: readonly string[]
  readonly projects: readonly string[]
  readonly contexts: readonly string[]
  /** Which teams were led, where that chose the rows. */
  readonly teams?: readonly string[]
}

type Json = JSONColumnType<object | null>

export interface ExportTable {
  id: string
  what: Export['what']
  format: Export['format']
  query: JSONColumnType<Record<string, string | number | boolean>>
  bound: Json
  aboutId: string | null
  aboutName: string | null
  state: Generated<Export['state']>
  done: Generated<number>
  total: number | null
  bytes: Generated<number>
  pieces: Generated<number>
  place: Json
  seen: JSONColumnType<Record<string, Held> | null>
  fault: string | null
  createdBy: string
  createdAt: ColumnType<Date, Date, never>
  ip: string
  run: string | null
  progressedAt: Date | null
  finishedAt: Date | null
  expiresAt: Date | null
}

export interface ExportPieceTable {
  exportId: string
  nth: number
  path: string | null
  sha256: string | null
  bytes: Buffer
}
