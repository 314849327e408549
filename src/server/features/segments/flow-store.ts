import { sql, type SqlBool } from 'kysely'
import type { Db } from '../../db/connect.ts'
import type { SegmentFacts } from '../../decision/run-facts.ts'
import type { Reach } from '../../decision/types.ts'
import { openZones, type Flow, type Zones } from '../../decision/zones.ts'

const allSegments = (db: Db): Promise<SegmentFacts[]> =>
  db
    .selectFrom('segment')
    .select(['id', 'name', 'runnerClasses', sql<string[]>`cidrs::text[]`.as('cidrs')])
    .execute()

const allFlows = (db: Db): Promise<Flow[]> =>
  db.selectFrom('segmentFlow').select(['fromId', 'toId']).execute()

/** What would be otherwise than it is. */
export interface Turn {
  readonly flows?: (flows: readonly Flow[]) => readonly Flow[]
  readonly segment?: (segment: SegmentFacts) => SegmentFacts
}

/** Where runs take place, and from where they may reach where: as it is, or as it would be. */
export async function zonesOf(
  db: Db,
  { flows: turned = (flows) => flows, segment = (same) => same }: Turn = {},
): Promise<Zones> {
  const [segments, flows] = await Promise.all([allSegments(db), allFlows(db)])
  return openZones(segments.map(segment), turned(flows))
}

/** Those that one may see, the most harmful tier first. */
export function segmentsSeen(db: Db, { everywhere, segments }: Reach) {
  const select = db
    .selectFrom('segment')
    .select(['id', 'name', 'tier', sql<string[]>`cidrs::text[]`.as('ranges')])
    .orderBy(sql`array_position(array['production', 'staging', 'build', 'sandbox'], tier)`)
    .orderBy(sql`lower(name)`)
    .orderBy('id')
  if (everywhere) return select.execute()
  return select.where(sql<SqlBool>`id = any(${sql.val([...segments])}::uuid[])`).execute()
}

/** The flows between segments, with who allowed them and why. */
export const flowsAmong = (db: Db, ids: readonly string[]) =>
  db
    .selectFrom('segmentFlow as f')
    .leftJoin('person', 'person.id', 'f.createdBy')
    .select(['f.fromId', 'f.toId', 'f.reason', 'f.createdAt', 'f.createdBy', 'person.name'])
    .where(sql<SqlBool>`f.from_id = any(${sql.val([...ids])}::uuid[])`)
    .where(sql<SqlBool>`f.to_id = any(${sql.val([...ids])}::uuid[])`)
    .orderBy('f.createdAt')
    .orderBy('f.fromId')
    .orderBy('f.toId')
    .execute()

export async function matrixVersion(db: Db): Promise<number> {
  const { version } = await db
    .selectFrom('segmentMatrix')
    .select('version')
    .executeTakeFirstOrThrow()
  return version
}

/** False when the version has moved on; until the commit nobody else changes the matrix. */
export async function moveMatrix(db: Db, version: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('segmentMatrix')
    .set({ version: version + 1 })
    .where('version', '=', version)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function insertFlow(
  db: Db,
  flow: Flow & { readonly reason: string; readonly createdBy: string | null },
): Promise<void> {
  await db
    .insertInto('segmentFlow')
    .values(flow)
    .onConflict((on) => on.doNothing())
    .execute()
}

export async function deleteFlow(db: Db, { fromId, toId }: Flow): Promise<void> {
  await db.deleteFrom('segmentFlow').where('fromId', '=', fromId).where('toId', '=', toId).execute()
}
