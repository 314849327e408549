import { sql, type SqlBool } from 'kysely'
import type { Export } from '../../../contract/exports.ts'
import type { Db } from '../../db/connect.ts'
import { countAlone } from '../../db/count-alone.ts'
import { newId } from '../../db/new-id.ts'
import type { Held } from './standing.ts'
import type { KeptFile, Part } from './sources.ts'

/** A server that says nothing for so long has gone. */
const stranded = sql<SqlBool>`progressed_at < clock_timestamp() - interval '60 seconds'`

/** How long a file is kept. */
const kept = sql<Date>`clock_timestamp() + interval '7 days'`
const now = sql<Date>`clock_timestamp()`

const selectExports = (db: Db) =>
  db
    .selectFrom('export')
    .innerJoin('person', 'person.id', 'export.createdBy')
    .selectAll('export')
    .select('person.name as createdByName')

export type ExportRow = Awaited<
  ReturnType<ReturnType<typeof selectExports>['executeTakeFirstOrThrow']>
>

/** Whose exports one sees: one's own, or everybody's. */
export interface Whose {
  readonly personId: string
  readonly everybody: boolean
}

const seenBy = (db: Db, { personId, everybody }: Whose) =>
  everybody ? selectExports(db) : selectExports(db).where('export.createdBy', '=', personId)

export const listExports = (
  db: Db,
  whose: Whose,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<ExportRow[]> =>
  seenBy(db, whose)
    .$if(after !== undefined, (select) => select.where('export.id', '<', after ?? ''))
    .orderBy('export.id', 'desc')
    .limit(limit)
    .execute()

export const exportById = (db: Db, whose: Whose, id: string): Promise<ExportRow | undefined> =>
  seenBy(db, whose).where('export.id', '=', id).executeTakeFirst()

interface Ask {
  readonly id: string
  readonly what: Export['what']
  readonly format: Export['format']
  readonly query: object
  readonly bound: object
  readonly aboutId: string | null
  readonly aboutName: string | null
  readonly total: number | null
  readonly createdBy: string
  readonly createdAt: Date
  readonly ip: string
}

export async function insertExport(db: Db, { query, bound, ...ask }: Ask): Promise<void> {
  await db
    .insertInto('export')
    .values({
      ...ask,
      query: JSON.stringify(query),
      bound: JSON.stringify(bound),
      place: null as never,
      seen: null as never,
    })
    .execute()
}

/** Unfinished ones of a person, who may not fill the queue; and files of theirs, which may not fill the disk. */
export async function countExports(
  db: Db,
  personId: string,
): Promise<{ open: number; kept: number }> {
  await countAlone(db, `exports of ${personId}`)
  const { rows } = await sql<{ open: number; kept: number }>`
    select count(*) filter (where state in ('waiting', 'running'))::int as open,
      count(*) filter (where state in ('done', 'failed'))::int as kept
    from export where created_by = ${personId}`.execute(db)
  return rows[0] ?? { open: 0, kept: 0 }
}

export interface Claimed {
  readonly id: string
  readonly run: string
}

/** Takes the oldest that waits; several servers never take the same. */
export async function claimExport(db: Db): Promise<Claimed | undefined> {
  const run = newId()
  const { rows } = await sql<Claimed>`
    update export set state = 'running', run = ${run}, progressed_at = clock_timestamp(), fault = null
    where id = (select id from export where state = 'waiting'
      order by created_at limit 1 for update skip locked)
    returning id, run`.execute(db)
  return rows[0]
}

/** What a server was at when it stopped waits again, and goes on from its last piece. */
export async function requeueStranded(db: Db): Promise<void> {
  await sql`update export set state = 'waiting', run = null
    where id in (select id from export where state = 'running' and ${stranded} for update skip locked)`.execute(
    db,
  )
}

/** While it is this run's. */
const ofRun = (db: Db, { id, run }: Claimed) =>
  db
    .updateTable('export')
    .where('id', '=', id)
    .where('run', '=', run)
    .where('state', '=', 'running')

export const exportOfRun = (db: Db, { id, run }: Claimed) =>
  db
    .selectFrom('export')
    .selectAll()
    .where('id', '=', id)
    .where('run', '=', run)
    .where('state', '=', 'running')
    .executeTakeFirst()

/** Keeps what was made, with where the next goes on: both or neither. False when it is not this run's any more. */
export async function keepPart(
  db: Db,
  claimed: Claimed,
  { pieces, rows, next }: Part,
  seen: Readonly<Record<string, Held>>,
): Promise<boolean> {
  const whole = next === undefined
  const contents = pieces
    .map(({ bytes, path = null, sha256 = null }) => ({
      path,
      sha256,
      bytes:
        typeof bytes === 'string'
          ? Buffer.from(bytes)
          : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    }))
    .filter(({ path, bytes }) => path !== null || bytes.length > 0)
  const size = contents.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const moved = await ofRun(db, claimed)
    .set((set) => ({
      pieces: set('pieces', '+', contents.length),
      bytes: set('bytes', '+', size),
      done: set('done', '+', rows),
      place: JSON.stringify(next ?? null),
      seen: JSON.stringify(seen),
      progressedAt: now,
      ...(whole && { state: 'done' as const, run: null, finishedAt: now, expiresAt: kept }),
    }))
    .returning('pieces')
    .executeTakeFirst()
  if (!moved) return false
  const first = moved.pieces - contents.length
  for (const [at, { path, sha256, bytes }] of contents.entries()) {
    await db
      .insertInto('exportPiece')
      .values({ exportId: claimed.id, nth: first + at, path, sha256, bytes })
      .execute()
  }
  return true
}

/** Deletes what was made so far, so that a run begins at its beginning. False when it is not this run's any more. */
export async function beginAgain(db: Db, claimed: Claimed): Promise<boolean> {
  const begun = await ofRun(db, claimed)
    .set({
      pieces: 0,
      bytes: 0,
      done: 0,
      place: null as never,
      seen: null as never,
      progressedAt: now,
    })
    .executeTakeFirst()
  if (begun.numUpdatedRows === 0n) return false
  await db.deleteFrom('exportPiece').where('exportId', '=', claimed.id).execute()
  return true
}

/** Stops it where it is, with the reason; what was made stays, to be gone on from. */
export async function failExport(db: Db, claimed: Claimed, fault: string): Promise<void> {
  await ofRun(db, claimed)
    .set({ state: 'failed', run: null, fault, finishedAt: now, expiresAt: kept })
    .execute()
}

/** Leaves it to whichever server comes next. */
export async function releaseExport(db: Db, claimed: Claimed): Promise<void> {
  await ofRun(db, claimed).set({ state: 'waiting', run: null }).execute()
}

/** Puts a failed one in the queue again. */
export async function resumeExport(db: Db, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('export')
    .set({ state: 'waiting', fault: null, finishedAt: null, expiresAt: null })
    .where('id', '=', id)
    .where('state', '=', 'failed')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Ends one that is not finished, and deletes what was made of it. */
export async function cancelExport(
  db: Db,
  id: string,
  states: readonly Export['state'][],
  fault: string | null,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('export')
    .set({ state: 'cancelled', run: null, fault, finishedAt: now, expiresAt: null })
    .where('id', '=', id)
    .where('state', 'in', states)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  await db.deleteFrom('exportPiece').where('exportId', '=', id).execute()
  return true
}

/** Files whose time is over, with whom they were for; each is taken by one server. */
export async function takeExpired(db: Db): Promise<ExportRow[]> {
  return selectExports(db)
    .where('export.state', 'in', ['done', 'failed'])
    .where('export.expiresAt', '<=', now)
    .orderBy('export.expiresAt')
    .limit(20)
    .forUpdate('export')
    .skipLocked()
    .execute()
}

export async function expireExport(db: Db, id: string): Promise<void> {
  await db.updateTable('export').set({ state: 'expired' }).where('id', '=', id).execute()
  await db.deleteFrom('exportPiece').where('exportId', '=', id).execute()
}

/** The files of a pack that were made so far. */
export async function keptFiles(db: Db, id: string): Promise<KeptFile[]> {
  const { rows } = await sql<KeptFile>`
    select path, sha256, octet_length(bytes)::bigint as bytes from export_piece
    where export_id = ${id} order by nth`.execute(db)
  return rows
}

export const pieceOf = (db: Db, exportId: string, nth: number) =>
  db
    .selectFrom('exportPiece')
    .select(['path', 'bytes'])
    .where('exportId', '=', exportId)
    .where('nth', '=', nth)
    .executeTakeFirst()
