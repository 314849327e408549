import { sql } from 'kysely'
import type { Database, Db } from '../db/connect.ts'
import { inTransaction } from '../db/transaction.ts'
import { emit } from './emit.ts'
import { eventOf } from './entry.ts'
import { eraseAction } from './personal.ts'

/** Days for which every event stays in the record, whatever else keeps it: PCI DSS 10.5.1 asks for twelve months. */
export const keptDays = 366
/** Events leave by whole tiles of the tree (C2SP tlog-tiles). */
const pruneUnit = 256

/** Of the event that says what has left the record. */
export const pruneAction = 'record.prune'

/** A verified evidence pack: the whole events of these leaves, with the checkpoint that they lead to. */
export interface KeptBy {
  /** Of the file, in hex. */
  readonly sha256: string
  readonly start: number
  readonly end: number
  readonly treeSize: number
  /** base64. */
  readonly root: string
}

export interface Pruning {
  readonly first: number
  readonly until: number
  /** When the newest of them happened. */
  readonly newestAt: Date
}

/**
 * What a pack lets leave the record: from its first event that is left on, all that is in the pack, has its time behind it
 * and fills whole tiles. Throws where that is nothing, with why.
 */
export async function planPruning(db: Db, pack: KeptBy, now: Date): Promise<Pruning> {
  const { minIndex: first, lastSignedSize } = await db
    .selectFrom('logState')
    .select(['minIndex', 'lastSignedSize'])
    .executeTakeFirstOrThrow()
  const signed = await db
    .selectFrom('auditCheckpoint')
    .select('root')
    .where('treeSize', '=', pack.treeSize)
    .executeTakeFirst()
  if (signed?.root.toString('base64') !== pack.root) {
    throw new Error('The pack is not of this record: it has no such checkpoint')
  }
  if (pack.start > first) {
    throw new Error(`The pack begins with event ${pack.start}, the record with event ${first}`)
  }
  const before = new Date(now.getTime() - keptDays * 86_400_000)
  // The order of the record is nearly that of time, and not quite: the oldest that must stay bounds it.
  const { rows } = await sql<{ young: number | null }>`
    select min(leaf_index) as young from audit_entry where occurred_at >= ${before}`.execute(db)
  const end = Math.min(pack.end, lastSignedSize, rows[0]?.young ?? lastSignedSize)
  const until = end - (end % pruneUnit)
  if (until <= first) {
    throw new Error(
      `Nothing may go: events stay for ${keptDays} days, and leave ${pruneUnit} at a time`,
    )
  }
  const newest = await sql<{ at: Date }>`
    select max(occurred_at) as at from audit_entry where leaf_index < ${until}`.execute(db)
  return { first, until, newestAt: newest.rows[0]?.at ?? before }
}

/**
 * Removes from the record what a pack keeps, in one transaction with the event that says so (`record.prune`). Tiles and
 * checkpoints stay, so that the root is the same, and everything that was carried away before verifies as ever (P12).
 * For a connection as the owner of the database: no role of the server may. Throws as `planPruning`.
 */
export async function pruneRecord(db: Database, pack: KeptBy): Promise<Pruning> {
  return inTransaction(db, { readOnly: false }, async (tx, transaction) => {
    await tx.selectFrom('logState').select('treeSize').forUpdate().executeTakeFirstOrThrow()
    const pruning = await planPruning(tx, pack, transaction.now)
    const { first, until, newestAt } = pruning
    const erased = await erasedUntil(tx, until)
    const eventId = emit(transaction, {
      actor: { kind: 'system', id: 'operator', name: 'Operator of the database' },
      action: pruneAction,
      outcome: 'permitted',
      resource: { kind: 'record', id: String(until), name: `events ${first} to ${until - 1}` },
      detail: { first, until, newest: newestAt.toISOString(), pack: pack.sha256, erased },
    })
    await tx.updateTable('logState').set({ minIndex: until }).execute()
    await tx
      .insertInto('recordPruned')
      .values({
        untilLeaf: until,
        firstLeaf: first,
        newestAt,
        packSha256: pack.sha256,
        prunedAt: transaction.now,
        eventId,
      })
      .execute()
    await tx.deleteFrom('auditNamed').where('leafIndex', '<', until).execute()
    await tx.deleteFrom('auditEntry').where('leafIndex', '<', until).execute()
    return pruning
  })
}

/**
 * Whom an event says to have been erased: the one whom it erased, or all of whom that was said by events that left the
 * record with it. Nobody where the erasing was refused.
 */
export function erasedBy(leaf: Buffer): string[] {
  if (!leaf.includes(eraseAction) && !leaf.includes(pruneAction)) return []
  const { action, outcome, resource, detail } = eventOf(leaf, [])
  if (outcome !== 'permitted' && outcome !== 'would_deny') return []
  if (action === eraseAction) return resource ? [resource.id] : []
  const { erased } = (action === pruneAction ? (detail ?? {}) : {}) as { erased?: unknown }
  return Array.isArray(erased) ? erased.filter((id) => typeof id === 'string') : []
}

/** Whom events before a leaf say to have been erased, of those whom one behind it names: it says so no more, once they have left. */
async function erasedUntil(db: Db, until: number): Promise<string[]> {
  const saying = await db
    .selectFrom('auditEntry')
    .select('leaf')
    .where('leafIndex', '<', until)
    .where('action', 'in', [eraseAction, pruneAction])
    .execute()
  const said = [...new Set(saying.flatMap(({ leaf }) => erasedBy(leaf)))]
  const { rows } = await sql<{ id: string }>`
    select id from unnest(${said}::text[]) id
    where exists (select from audit_entry where leaf_index >= ${until} and actor_id = id)
      or exists (select from audit_entry where leaf_index >= ${until} and resource_id = id)`.execute(
    db,
  )
  return rows.map(({ id }) => id)
}
