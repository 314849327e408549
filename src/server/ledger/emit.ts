import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Outcome } from '../../contract/decisions.ts'
import type { Db } from '../db/connect.ts'
import { newId } from '../db/new-id.ts'
import { canonical } from './canonical.ts'

/** One entry of the audit trail, as it is hashed. Absent fields are absent from the leaf. */
export interface AuditEvent {
  readonly actor: {
    readonly kind: string
    readonly id: string
    readonly name: string
    readonly issuer?: string
    readonly subject?: string
    readonly session?: string
    readonly token?: string
    readonly acr?: string
    readonly authTime?: string
  }
  /** The operation's id, such as `contexts.create`. */
  readonly action: string
  readonly resource?: { readonly kind: string; readonly id: string; readonly name: string }
  readonly project?: string
  readonly context?: string
  readonly outcome: Outcome
  /** Why it was refused or failed, in the words the actor was given. */
  readonly sentence?: string
  readonly decision?: { readonly grants: readonly string[]; readonly policies: readonly unknown[] }
  readonly requestId?: string
  readonly ip?: string
  readonly userAgent?: string
  readonly before?: unknown
  readonly after?: unknown
  readonly detail?: unknown
  /** How many alike this one stands for, where floods are folded. */
  readonly count?: number
}

/** A leaf is at most 64 KiB; what would not fit is replaced by its digest, and says so. */
const largestLeaf = 60_000

/**
 * Writes an event into the caller's transaction, so that it is there exactly if the change is. The time is the
 * database's, unless a trusted caller that retells history gives one. Answers the event's id.
 */
export async function emit(db: Db, event: AuditEvent, at?: Date): Promise<string> {
  const eventId = newId()
  const occurredAt = at ?? (await transactionTime(db))
  await db
    .insertInto('auditQueue')
    .values({ eventId, occurredAt, leaf: leafOf(event, eventId, occurredAt) })
    .execute()
  return eventId
}

async function transactionTime(db: Db): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(db)
  return rows[0]?.at ?? new Date()
}

function leafOf(event: AuditEvent, eventId: string, occurredAt: Date): Buffer {
  const whole = { v: 1, eventId, occurredAt, ...event }
  const leaf = Buffer.from(canonical(whole))
  if (leaf.length <= largestLeaf) return leaf
  const slim = {
    ...whole,
    ...(event.before !== undefined && { before: digestOf(event.before) }),
    ...(event.after !== undefined && { after: digestOf(event.after) }),
    ...(event.detail !== undefined && { detail: digestOf(event.detail) }),
    ...(event.sentence !== undefined && { sentence: event.sentence.slice(0, 2_000) }),
    ...(event.userAgent !== undefined && { userAgent: event.userAgent.slice(0, 500) }),
  }
  return Buffer.from(canonical(slim))
}

const digestOf = (value: unknown) => {
  const bytes = Buffer.from(canonical(value))
  return { tooLarge: bytes.length, sha256: createHash('sha256').update(bytes).digest('base64') }
}
