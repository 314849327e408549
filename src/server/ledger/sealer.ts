import { sql } from 'kysely'
import type { Database, Db } from '../db/connect.ts'
import { inTransaction } from '../db/transaction.ts'
import { createHash } from 'node:crypto'
import { appendToTiles, type TileReader } from '../../proof/tiles.ts'
import { entryOf } from './entry.ts'
import { rollUp } from './roll-up.ts'

const leafPrefix = Uint8Array.of(0)

/** Most events that one transaction puts in order. */
const batch = 4096

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
      .deleteFrom('auditQueue')
      .where('qid', 'in', tx.selectFrom('auditQueue').select('qid').orderBy('qid').limit(batch))
      .returning(['qid', 'eventId', 'occurredAt', 'leaf'])
      .execute()
    if (waiting.length === 0) return { sealed: 0, size: state.treeSize }
    waiting.sort((one, other) => one.qid - other.qid)
    // RFC 6962 §2.1, by the server's own library: an await per leaf would be most of the work.
    const hashes = waiting.map(({ leaf }) =>
      Uint8Array.from(createHash('sha256').update(leafPrefix).update(leaf).digest()),
    )
    const tiles = await appendToTiles(state.treeSize, hashes, storedTiles(tx))
    const entries = waiting.map(({ leaf }, at) => ({
      leafIndex: state.treeSize + at,
      leafHash: Buffer.from(hashes[at] as Uint8Array),
      ...entryOf(leaf),
      leaf,
    }))
    // 20 columns each: PostgreSQL takes at most 65,535 parameters a statement.
    for (let at = 0; at < entries.length; at += 2_000) {
      await tx
        .insertInto('auditEntry')
        .values(entries.slice(at, at + 2_000))
        .execute()
    }
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
