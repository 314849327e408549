import { statement } from '../db/statement.ts'
import type { Transaction } from '../db/transaction.ts'
import { peopleNamed, type NamedPerson, type Suspected } from './personal.ts'

/*
 * Whom the texts of an event name, from memory: everybody's name and address, with the epoch for which that is so. It is the
 * statement that writes the event which compares the epoch: what is here is never trusted, only hoped for (`Transaction.last`).
 */

/** Whom of those suspected somebody is called so, while the epoch is this one. */
export interface KnownPeople {
  readonly people: readonly NamedPerson[]
  readonly epoch: string
}

/** More people are asked for by each event, and not kept. */
const mostPeople = 20_000
/** Where people come one after the other, all are not read again for each; where they are too many, not soon. */
const restMs = { kept: 1_000, tooMany: 60_000 }

interface Kept {
  readonly epoch: string
  readonly called: ReadonlyMap<string, readonly NamedPerson[]>
}
let kept: Kept | undefined
let restUntil = Number.NEGATIVE_INFINITY

export function peopleKept(suspected: Suspected): KnownPeople | undefined {
  return kept && { people: among(kept, suspected), epoch: kept.epoch }
}

const among = ({ called }: Kept, { names, emails }: Suspected) =>
  [...names, ...emails].flatMap((text) => called.get(text) ?? [])

/** Asks whom an event names, as what was known for an epoch is no more; all people at once, where they may be kept for the next. */
export async function whomItNames(
  transaction: Transaction,
  suspected: Suspected,
  over: string | undefined,
): Promise<readonly NamedPerson[]> {
  const now = performance.now()
  if (kept?.epoch === over) kept = undefined
  if (now >= restUntil) {
    restUntil = now + restMs.kept
    const rows = await transaction.ask<Row>(everybody)
    if (rows.length <= mostPeople) kept = keepable(rows)
    else restUntil = now + restMs.tooMany
    if (kept) return among(kept, suspected)
  }
  return transaction.ask<NamedPerson>(peopleNamed(suspected))
}

/** A transaction's own changes are in it, and their epoch: where they are not committed, it is never met again. */
const everybody = statement`
  select epoch::text, p.id::text, name, email from (select bit_xor(epoch) as epoch from people_epoch) e
  left join (select id, name, email from person where erased_at is null limit ${mostPeople + 1}) p on true order by p.id`
type Row = { readonly epoch: string } & (NamedPerson | { readonly id: null })

function keepable(rows: readonly Row[]): Kept | undefined {
  const called = new Map<string, NamedPerson[]>()
  const add = (text: string, person: NamedPerson) => {
    const known = called.get(text)
    if (known) known.push(person)
    else called.set(text, [person])
  }
  for (const row of rows) {
    if (row.id === null) continue
    const { id, name, email } = row
    const person = { id, name, email }
    add(name, person)
    if (email && email.toLowerCase() !== name) add(email.toLowerCase(), person)
  }
  const [first] = rows
  return first && { epoch: first.epoch, called }
}
