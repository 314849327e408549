import { sql } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { statement } from '../../db/statement.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { entryOf } from '../../ledger/entry.ts'
import { erased, openingsBeside } from '../../ledger/personal.ts'
import { changePerson, demandPerson } from './service.ts'

/** Events that are read at once. */
const page = 2_000

/**
 * Erases what tells who somebody was (GDPR article 17): their name, address and title, who they are at the identity provider, and
 * whence they came, here and beside the leaves of every event. Leaves, hashes and proofs stay as they are (P12), and so
 * does what somebody did, by a number that nobody can put a name to. Only of somebody who has left; for good.
 * What is kept as evidence elsewhere stays: lines of access reviews, and files that were taken away.
 */
export async function erasePerson(
  scope: Scope,
  { personId, reason }: InputOf<'people.erase'>,
): Promise<void> {
  const { db, now } = scope
  const before = await demandPerson(db, personId)
  if (before.erasedAt) throw problem('conflict', 'They have been erased already.')
  if (before.state !== 'left') {
    throw problem('conflict', 'Only whoever has left is erased: mark them as left first.')
  }
  const nowhere = `${personId}@erased.invalid`
  await changePerson(scope, before, {
    issuer: null,
    subject: null,
    name: erased,
    email: nowhere,
    title: '',
    erasedAt: now,
  })
  await db
    .updateTable('session')
    .set({ ip: '', userAgent: '' })
    .where('personId', '=', personId)
    .execute()
  await sql`delete from session_seen where session_id in (select id from session where person_id = ${personId})`.execute(
    db,
  )
  await db
    .updateTable('review')
    .set({ signedRequest: null })
    .where('signedBy', '=', personId)
    .where('state', '=', 'closed')
    .execute()
  await db.updateTable('export').set({ ip: '' }).where('createdBy', '=', personId).execute()
  const events = await eraseFromEvents(db, personId)
  await eraseFromAnswers(db, [
    [before.name, erased],
    [before.email, nowhere],
  ])
  // The decision about this very request is written with its end, and names them too: this comes after it.
  const { last } = scope.transaction
  last(async () => {
    last(
      statement`select forget_rest(${personId}, ${before.name}, ${erased}, ${before.email}, ${nowhere})`,
    )
    return statement`select`
  })
  scope.record({
    resource: { kind: 'person', id: personId, name: erased },
    detail: { events, reason: reason.replaceAll(before.name, erased) },
  })
}

/** Answers how many events named them. The sealer waits meanwhile, and puts nothing of theirs beside a leaf afterwards. */
async function eraseFromEvents(db: Db, personId: string): Promise<number> {
  await sql`select forget_begin(${personId})`.execute(db)
  let events = 0
  for (let after = -1; ;) {
    const { rows } = await sql<Naming>`
      select leaf_index, leaf, beside,
        (select salt from audit_named n where n.leaf_index = e.leaf_index and person_id = ${personId}),
        array(select salt from audit_named n where n.leaf_index = e.leaf_index) as named
      from (
        (select leaf_index, leaf, beside from audit_entry
          where actor_id = ${personId} and actor_kind in ('person', 'token') and leaf_index > ${after}
          order by leaf_index limit ${page})
        union all
        (select leaf_index, leaf, beside from audit_named join audit_entry using (leaf_index)
          where person_id = ${personId} and leaf_index > ${after}
          order by leaf_index limit ${page})
      ) e order by leaf_index limit ${page}`.execute(db)
    const last = rows.at(-1)
    if (!last) return events
    const entries = rows.flatMap(withoutThem)
    await sql`select forget_events(${personId}, ${JSON.stringify(entries)}::json)`.execute(db)
    events += entries.length
    after = last.leafIndex
  }
}

/** An event that they did, or that names them. */
interface Naming {
  readonly leafIndex: number
  readonly leaf: Buffer
  readonly beside: Buffer | null
  /** Of what hides them, where they did not do it. */
  readonly salt: string | null
  /** The salts of everybody but whoever did it. */
  readonly named: readonly string[]
}

/** What the searchable columns say then, and the salt of what goes; nothing where they are hidden in it already. */
function withoutThem({ leafIndex, leaf, beside, salt, named }: Naming) {
  const openings = openingsBeside(beside)
  const goes = salt ?? openings.find(([one]) => !named.includes(one))?.[0]
  if (goes === undefined) return []
  const others = openings.filter(([one]) => one !== goes)
  const { actorName, resourceName, ip, sentence } = entryOf(leaf, others)
  return [
    {
      at: leafIndex,
      salt: goes,
      actor_name: actorName,
      resource_name: resourceName,
      ip,
      sentence,
    },
  ]
}

/** What is answered to who asks the same once more (C9) is the same answer, without them. */
async function eraseFromAnswers(db: Db, texts: readonly [was: string, shown: string][]) {
  for (const [was, shown] of texts) {
    await sql`update idempotency set answer = said_otherwise(answer::jsonb, ${was}, ${shown})::text
      where answer ~ '^[{[]' and position(${JSON.stringify(was).slice(1, -1)} in answer) > 0`.execute(
      db,
    )
  }
}
