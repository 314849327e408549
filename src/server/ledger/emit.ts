import { createHash } from 'node:crypto'
import type { Outcome } from '../../contract/decisions.ts'
import type { Db } from '../db/connect.ts'
import { newId } from '../db/new-id.ts'
import { each, eachOr, statement } from '../db/statement.ts'
import type { Transaction } from '../db/transaction.ts'
import { canonical, clipped } from './canonical.ts'

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

/** Who did what nobody did: what the clock brought about, or was looked for by itself. */
export const sallyport: AuditEvent['actor'] = {
  kind: 'system',
  id: 'sallyport',
  name: 'Sallyport',
}

/** A leaf is at most 64 KiB; what would not fit is replaced by its digest, and says so. */
const largestLeaf = 60_000

/**
 * Leaves an event to be written with the commit of its transaction, so that it is there exactly if the change is. The
 * time is the database's, unless a trusted caller that retells history gives one. Answers the event's id.
 */
export function emit(transaction: Transaction, event: AuditEvent, at?: Date): string {
  const eventId = newId()
  const occurredAt = at ?? transaction.now
  const leaf = leafOf(event, eventId, occurredAt)
  transaction.last(
    eachOr(
      each`insert into audit_queue (event_id, occurred_at, leaf)
        select * from unnest(${eventId}::uuid[], ${occurredAt}::timestamptz[], ${leaf}::bytea[])`,
      statement`insert into audit_queue (event_id, occurred_at, leaf)
        values (${eventId}, ${occurredAt}, ${leaf})`,
    ),
  )
  return eventId
}

/** Writes many events of known times at once, in their order; answers their ids. For trusted callers that retell history. */
export async function emitAll(
  db: Db,
  events: readonly { readonly event: AuditEvent; readonly at: Date }[],
): Promise<string[]> {
  const rows = events.map(({ event, at }) => {
    const eventId = newId()
    return { eventId, occurredAt: at, leaf: leafOf(event, eventId, at) }
  })
  if (rows.length > 0) await db.insertInto('auditQueue').values(rows).execute()
  return rows.map(({ eventId }) => eventId)
}

/** What is cut, in this order, from an event that no leaf could hold as it is: hostile input never keeps it out (P3). */
const cuts = [
  { text: 4_000, items: 200, depth: 12 },
  { text: 500, items: 30, depth: 6 },
  { text: 100, items: 8, depth: 3 },
]

function leafOf(event: AuditEvent, eventId: string, occurredAt: Date): Buffer {
  const whole = { v: 1, eventId, occurredAt, ...event }
  const leaf = written(whole)
  if (leaf && leaf.length <= largestLeaf) return leaf
  const slim = {
    ...whole,
    ...(event.before !== undefined && { before: digestOf(event.before) }),
    ...(event.after !== undefined && { after: digestOf(event.after) }),
    ...(event.detail !== undefined && { detail: digestOf(event.detail) }),
  }
  for (const cut of cuts) {
    const short = written(clipped(slim, cut))
    if (short && short.length <= largestLeaf) return short
  }
  throw new Error('an event does not fit a leaf')
}

/** The bytes, or nothing where nesting is deeper than the stack. */
function written(value: unknown): Buffer | undefined {
  try {
    return Buffer.from(canonical(value))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const digestOf = (value: unknown) => {
  const bytes = written(value)
  if (!bytes) return clipped(value, { text: 500, items: 30, depth: 6 })
  return { tooLarge: bytes.length, sha256: createHash('sha256').update(bytes).digest('base64') }
}
