import { sql, type Selectable } from 'kysely'
import type { Database, Db } from '../db/connect.ts'
import type { AuditNamedTable } from '../db/tables/ledger.ts'
import { inTransaction } from '../db/transaction.ts'
import { leafHash } from '../../proof/merkle.ts'
import { appendToTiles, type TileReader } from '../../proof/tiles.ts'
import { entryOf } from './entry.ts'
import { besideOf, openingsWaiting, withoutPerson } from './personal.ts'
import { rollUp, type Entry } from './roll-up.ts'

/** Most events that one transaction puts in order. */
export const largestBatch = 4096

/** Reads tiles of the stored tree. */
export const storedTiles =
  (db: Db): TileReader =>
  async (level, index) => {
    const row = await db
      .selectFrom('auditTile')
      .select('hashes')
      .where('level', '=', level)
      .where('index', '=', index)
      .executeTakeFirst()
    return row?.hashes
  }

/**
 * Puts waiting events in order: one transaction that locks the log, gives each event the next leaf index, extends the
 * tree and empties the queue. The row lock elects one sealer among all servers, and a killed one leaves nothing half
 * done. Late commits are never skipped, since the queue is emptied by what is in it, not by a cursor (P9).
 */
export async function seal(db: Database): Promise<{ sealed: number; size: number }> {
  return inTransaction(db, { readOnly: false }, async (tx) => {
    const state = await tx
      .selectFrom('logState')
      .select('treeSize')
      .forUpdate()
      .executeTakeFirstOrThrow()
    const waiting = await tx
      .selectFrom('auditQueue')
      .select([sql<string>`ctid`.as('place'), 'leaf', 'personal'])
      .orderBy('xid')
      .orderBy('eventId')
      .limit(largestBatch)
      .execute()
    if (waiting.length === 0) return { sealed: 0, size: state.treeSize }
    const hashes = await Promise.all(waiting.map(async ({ leaf }) => leafHash(leaf)))
    const tiles = await appendToTiles(state.treeSize, hashes, storedTiles(tx))
    const left = await openingsLeft(
      tx,
      waiting.map(({ personal }) => personal),
    )
    const named: Named[] = []
    const entries = waiting.map(({ place, leaf }, at) => {
      const leafIndex = state.treeSize + at
      const openings = left[at] ?? []
      const opened = withoutPerson(openings)
      const entry = entryOf(leaf, opened)
      for (const [personId, salt] of openings) {
        if (!isBy(entry, personId)) named.push({ leafIndex, personId, salt })
      }
      const leafHash = Buffer.from(hashes[at] as Uint8Array).toString('hex')
      return { place, leafIndex, leafHash, ...entry, beside: besideOf(opened) }
    })
    await move(tx, entries)
    if (named.length > 0) await addNamed(tx, named)
    await rollUp(tx, entries)
    for (const { level, index, hashes: bytes } of tiles) {
      await tx
        .insertInto('auditTile')
        .values({ level, index, hashes: Buffer.from(bytes) })
        .onConflict((conflict) =>
          conflict.columns(['level', 'index']).doUpdateSet({ hashes: Buffer.from(bytes) }),
        )
        .execute()
    }
    const size = state.treeSize + waiting.length
    await tx.updateTable('logState').set({ treeSize: size }).execute()
    // Only the sealer notifies, a few times a second at most: a hint, on which nothing depends.
    await sql`select pg_notify('sallyport_sealed', ${String(size)})`.execute(tx)
    return { sealed: waiting.length, size }
  })
}

/** Whether nothing waits, and all that is in the record, so many events, is signed: all that a server at rest asks. */
export async function isQuiet(db: Db, size: number): Promise<boolean> {
  const { rows } = await sql`
    select from log_state
    where tree_size = ${size} and last_signed_size = ${size} and not exists (select from audit_queue)`.execute(
    db,
  )
  return rows.length > 0
}

/** What stands beside each leaf of people who have not been erased since it was written. */
async function openingsLeft(db: Db, personal: readonly (string | null)[]) {
  const openings = personal.map(openingsWaiting)
  const people = new Set(openings.flatMap((each) => each.map(([personId]) => personId)))
  if (people.size === 0) return openings
  const { rows } = await sql<{ id: string }>`
    select id::text from person where erased_at is not null and id::text = any(${[...people]}::text[])`.execute(
    db,
  )
  if (rows.length === 0) return openings
  const gone = new Set(rows.map(({ id }) => id))
  return openings.map((each) => each.filter(([personId]) => !gone.has(personId)))
}

/** Whom an event names besides whoever did it, and with what their opening begins. */
type Named = Selectable<AuditNamedTable>

const isBy = ({ actorKind, actorId }: Pick<Entry, 'actorKind' | 'actorId'>, personId: string) =>
  actorId === personId && (actorKind === 'person' || actorKind === 'token')

const addNamed = (db: Db, named: readonly Named[]) =>
  sql`
  insert into audit_named (leaf_index, person_id, salt)
  select * from unnest(${named.map(({ leafIndex }) => leafIndex)}::bigint[],
    ${named.map(({ personId }) => personId)}::text[], ${named.map(({ salt }) => salt)}::text[])
  on conflict do nothing`.execute(db)

/** Sees to it that the record has room for `ahead` more events; answers the first leaf index that has none. */
export async function makeRoom(db: Db, ahead: number): Promise<number> {
  const { rows } = await sql<{ end: number }>`select audit_make_room(${ahead}) as "end"`.execute(db)
  const [room] = rows
  if (!room) throw new Error('the database told no room')
  return room.end
}

/**
 * From the queue into the record, the leaves' bytes as they are: one statement, whatever the number. Rows are found by
 * where they lie: nobody updates one, and only whoever holds the log's lock deletes any.
 */
async function move(
  db: Db,
  entries: readonly (Entry & { place: string; leafHash: string; beside: string | null })[],
) {
  await sql`
    with gone as (
      delete from audit_queue where ctid = any(${entries.map(({ place }) => place)}::tid[]) returning ctid as place, leaf)
    insert into audit_entry (leaf_index, leaf_hash, leaf, event_id, occurred_at, actor_kind, actor_id, actor_name,
      action, noun, resource_kind, resource_id, resource_name, outcome, project_id, context_id, session_id, request_id,
      ip, sentence, beside)
    select "leafIndex", decode("leafHash", 'hex'), leaf, "eventId", "occurredAt", "actorKind", "actorId", "actorName",
      action, noun, "resourceKind", "resourceId", "resourceName", outcome, "projectId", "contextId", "sessionId",
      "requestId", ip, sentence, convert_to(beside, 'UTF8')
    from gone join json_to_recordset(${JSON.stringify(entries)}::json) as entry(place tid, "leafIndex" bigint,
      "leafHash" text, "eventId" uuid, "occurredAt" timestamptz, "actorKind" text, "actorId" text, "actorName" text,
      action text, noun text, "resourceKind" text, "resourceId" text, "resourceName" text, outcome text,
      "projectId" text, "contextId" text, "sessionId" text, "requestId" text, ip text, sentence text, beside text) using (place)
    order by "leafIndex"`.execute(db)
}
