import { sql, type SqlBool } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { grantHolds } from '../../decision/live-grant.ts'
import type { Reach } from '../../decision/types.ts'

const selectSegments = (db: Db) =>
  db
    .selectFrom('segment')
    .selectAll()
    .select([
      sql<string[]>`cidrs::text[]`.as('ranges'),
      sql<number>`(select count(*) from project p where p.segment_id = segment.id)`.as('projects'),
      sql<number>`(select count(*) from context c where c.segment_id = segment.id)`.as('contexts'),
    ])

export type SegmentRow = Awaited<
  ReturnType<ReturnType<typeof selectSegments>['executeTakeFirstOrThrow']>
>

export const segmentById = (db: Db, id: string): Promise<SegmentRow | undefined> =>
  selectSegments(db).where('id', '=', id).executeTakeFirst()

export async function listSegments(
  db: Db,
  reach: Reach,
  query: InputOf<'segments.list'>,
  after: readonly string[] | undefined,
): Promise<SegmentRow[]> {
  let select = selectSegments(db)
    .orderBy(sql`lower(name)`)
    .orderBy('id')
    .limit(query.limit + 1)
  if (!reach.everywhere) {
    select = select.where(sql<SqlBool>`id = any(${sql.val([...reach.segments])}::uuid[])`)
  }
  if (after)
    select = select.where(sql<SqlBool>`(lower(name), id) > (${after[0]}, ${after[1]}::uuid)`)
  if (query.q) {
    const text = `%${query.q.replace(/[\\%_]/g, '\\$&')}%`
    select = select.where(sql<SqlBool>`(name ilike ${text} or description ilike ${text})`)
  }
  if (query.tier) select = select.where('tier', '=', query.tier)
  return select.execute()
}

type Values = InputOf<'segments.create'>
/** What is not given stays as it is. */
type Changes = { readonly [K in keyof Values]?: Values[K] | undefined }

/** Columns as they are written: arrays of addresses need their type said. */
const columns = ({ cidrs, runnerClasses }: Pick<Changes, 'cidrs' | 'runnerClasses'>) => ({
  ...(cidrs && { cidrs: sql<string[]>`${cidrs}::cidr[]` }),
  ...(runnerClasses && { runnerClasses: sql<string[]>`${runnerClasses}::text[]` }),
})

export async function insertSegment(
  db: Db,
  { id, name, tier, description, cidrs, runnerClasses }: Values & { id: string },
): Promise<void> {
  await db
    .insertInto('segment')
    .values({ id, name, tier, description, ...columns({ cidrs, runnerClasses }) })
    .execute()
}

/** False when the version has moved on. */
export async function updateSegment(
  db: Db,
  id: string,
  version: number,
  values: Changes,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('segment')
    .set({
      name: values.name,
      tier: values.tier,
      description: values.description,
      ...columns(values),
      version: version + 1,
    })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function deleteSegment(db: Db, id: string, version: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('segment')
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** What stands on a segment and would lose its place. */
export async function standingOn(db: Db, id: string) {
  const { rows } = await sql<{ grants: number; scheduled: number; restrictions: number }>`select
    (select count(*) from access_grant g where g.segment_id = ${id} and ${grantHolds()}) as grants,
    (select count(*) from access_grant g where g.segment_id = ${id} and g.ended_at is null
      and not ${grantHolds()}) as scheduled,
    (select count(*) from restriction where segment_id = ${id}) as restrictions`.execute(db)
  return rows[0] ?? { grants: 0, scheduled: 0, restrictions: 0 }
}

/** The ranges of these that are another segment's already, as the database would keep them. */
export async function rangesTaken(db: Db, id: string, cidrs: readonly string[]) {
  const { rows } = await sql<{ place: number; range: string; segmentId: string; name: string }>`
    select (given.place - 1)::int as place, r.range::text as range, r.segment_id, s.name
    from unnest(${cidrs}::cidr[]) with ordinality given (cidr, place)
    join segment_range r on r.range = canonical_range(given.cidr) and r.segment_id <> ${id}
    join segment s on s.id = r.segment_id order by given.place`.execute(db)
  return rows
}
