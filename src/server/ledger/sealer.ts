import { sql } from 'kysely'
import type { Database, Db } from '../db/connect.ts'
import { inTransaction } from '../db/transaction.ts'
import { leafHash } from '../../proof/merkle.ts'
import { appendToTiles, type TileReader } from '../../proof/tiles.ts'
import { entryOf } from './entry.ts'
import { openingsWaiting, withoutPerson } from './personal.ts'
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
    const beside = await openingsLeft(
      tx,
      waiting.map(({ personal }) => personal),
    )
    const entries = waiting.map(({ place, leaf }, at) => ({
      place,
      leafIndex: state.treeSize + at,
      leafHash: Buffer.from(hashes[at] as Uint8Array).toString('hex'),
      ...entryOf(leaf, withoutPerson(beside[at] ?? [])),
    }))
    await move(tx, entries)
    const openings = beside.flatMap((each, at) =>
      each.map(([personId, ...opening]) => ({
        leafIndex: state.treeSize + at,
        personId,
        opening: Buffer.from(JSON.stringify(opening)),
      })),
    )
    if (openings.length > 0) await putBeside(tx, openings)
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

const putBeside = (
  db: Db,
  openings: readonly { leafIndex: number; personId: string; opening: Buffer }[],
) =>
  sql`
  insert into audit_personal (leaf_index, person_id, opening)
  select * from unnest(${openings.map(({ leafIndex }) => leafIndex)}::bigint[],
    ${openings.map(({ personId }) => personId)}::text[], ${openings.map(({ opening }) => opening)}::bytea[])
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
async function move(db: Db, entries: readonly (Entry & { place: string; leafHash: string })[]) {
  await sql`
    with gone as (
      delete from audit_queue where ctid = any(${entries.map(({ place }) => place)}::tid[]) returning ctid as place, leaf)
    insert into audit_entry (leaf_index, leaf_hash, leaf, event_id, occurred_at, actor_kind, actor_id, actor_name,
      action, noun, resource_kind, resource_id, resource_name, outcome, project_id, context_id, session_id, request_id,
      ip, sentence)
    select "leafIndex", decode("leafHash", 'hex'), leaf, "eventId", "occurredAt", "actorKind", "actorId", "actorName",
      action, noun, "resourceKind", "resourceId", "resourceName", outcome, "projectId", "contextId", "sessionId",
      "requestId", ip, sentence
    from gone join json_to_recordset(${JSON.stringify(entries)}::json) as entry(place tid, "leafIndex" bigint,
      "leafHash" text, "eventId" uuid, "occurredAt" timestamptz, "actorKind" text, "actorId" text, "actorName" text,
      action text, noun text, "resourceKind" text, "resourceId" text, "resourceName" text, outcome text,
      "projectId" text, "contextId" text, "sessionId" text, "requestId" text, ip text, sentence text) using (place)
    order by "leafIndex"`.execute(db)
}
