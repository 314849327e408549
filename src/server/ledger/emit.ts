import { createHash } from 'node:crypto'
import { CompiledQuery } from 'kysely'
import type { Outcome } from '../../contract/decisions.ts'
import type { Db } from '../db/connect.ts'
import { newId } from '../db/new-id.ts'
import { each, eachOr, statement, type Statement } from '../db/statement.ts'
import type { Transaction } from '../db/transaction.ts'
import { canonical, clipped } from './canonical.ts'
import { peopleKept, whomItNames, type KnownPeople } from './people-kept.ts'
import {
  peopleNamed,
  suspectedIn,
  withoutPersonal,
  type NamedPerson,
  type Suspected,
} from './personal.ts'

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
  /** Whom its texts name besides its actor and what says itself to be a person; itself no part of the leaf. */
  readonly people?: readonly NamedPerson[]
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
  const rowOf = (people: readonly NamedPerson[]) => leafOf(event, people, { eventId, occurredAt })
  const writing = (people: readonly NamedPerson[]): Statement => {
    const { leaf, personal } = rowOf(people)
    return eachOr(
      each`insert into audit_queue (event_id, occurred_at, leaf, personal)
        select * from unnest(${eventId}::uuid[], ${occurredAt}::timestamptz[], ${leaf}::bytea[], ${personal}::text[])`,
      statement`insert into audit_queue (event_id, occurred_at, leaf, personal)
        values (${eventId}, ${occurredAt}, ${leaf}, ${personal})`,
    )
  }
  const suspected = suspectedIn(event)
  if (suspected.names.length === 0 && suspected.emails.length === 0) {
    transaction.last(writing([]))
    return eventId
  }
  const known = peopleKept(suspected)
  const otherwise = async () => writing(await whomItNames(transaction, suspected, known?.epoch))
  transaction.last(known ? { hoped: hoping(known), otherwise } : otherwise)
  return eventId

  /** As nearly always: nobody came since, and nobody is called otherwise. */
  function hoping({ people, epoch }: KnownPeople): Statement {
    const { leaf, personal } = rowOf(people)
    return statement`insert into audit_queue (event_id, occurred_at, leaf, personal)
      select ${eventId}::uuid, ${occurredAt}::timestamptz, ${leaf}::bytea, ${personal}::text
      where (select bit_xor(epoch) from people_epoch) = ${epoch}::bigint or people_changed()`
  }
}

/** Writes many events of known times at once, in their order; answers their ids. For trusted callers that retell history. */
export async function emitAll(
  db: Db,
  events: readonly { readonly event: AuditEvent; readonly at: Date }[],
): Promise<string[]> {
  const suspected = events.map(({ event }) => suspectedIn(event))
  const named = await whomNamed(db, suspected)
  const rows = events.map(({ event, at }, nth) => {
    const when = { eventId: newId(), occurredAt: at }
    return { ...when, ...leafOf(event, named(suspected[nth]), when) }
  })
  if (rows.length > 0) await db.insertInto('auditQueue').values(rows).execute()
  return rows.map(({ eventId }) => eventId)
}

/** Whom each of many events names, asked for at once. */
async function whomNamed(db: Db, suspected: readonly Suspected[]) {
  const { sql, parameters } = peopleNamed({
    names: [...new Set(suspected.flatMap(({ names }) => names))],
    emails: [...new Set(suspected.flatMap(({ emails }) => emails))],
  })
  const { rows } = await db.executeQuery<NamedPerson>(CompiledQuery.raw(sql, [...parameters]))
  const byText = Map.groupBy(rows, ({ name }) => name)
  for (const one of rows) if (one.email) byText.set(one.email.toLowerCase(), [one])
  return ({ names, emails }: Suspected = { names: [], emails: [] }) =>
    [...names, ...emails].flatMap((text) => byText.get(text) ?? [])
}

/** What is cut, in this order, from an event that no leaf could hold as it is: hostile input never keeps it out (P3). */
const cuts = [
  { text: 4_000, items: 200, depth: 12 },
  { text: 500, items: 30, depth: 6 },
  { text: 100, items: 8, depth: 3 },
]

/** What is hashed, and what stands beside it of the people whom it names: those who were found, and whom the event says. */
function leafOf(
  { people: said = [], ...event }: AuditEvent,
  found: readonly NamedPerson[],
  when: { readonly eventId: string; readonly occurredAt: Date },
) {
  const people = [...found, ...said]
  const whole = { v: 1, ...when, ...event }
  const fitting = fits(whole, people)
  if (fitting) return fitting
  const slim = {
    ...whole,
    ...(event.before !== undefined && { before: digestOf(event.before) }),
    ...(event.after !== undefined && { after: digestOf(event.after) }),
    ...(event.detail !== undefined && { detail: digestOf(event.detail) }),
  }
  for (const cut of cuts) {
    const short = fits(clipped(slim, cut) as typeof slim, people)
    if (short) return short
  }
  throw new Error('an event does not fit a leaf')
}

/** The bytes, or nothing where there are too many, or nesting is deeper than the stack. */
function fits(whole: AuditEvent, people: readonly NamedPerson[]) {
  const apart = shallow(() => withoutPersonal(whole, people))
  const leaf = apart && written(apart.event)
  if (!leaf || leaf.length > largestLeaf) return undefined
  return { leaf, personal: apart.openings.length > 0 ? canonical(apart.openings) : null }
}

const written = (value: unknown) => shallow(() => Buffer.from(canonical(value)))

/** What work answers, or nothing where nesting is deeper than the stack. */
function shallow<T>(work: () => T): T | undefined {
  try {
    return work()
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
