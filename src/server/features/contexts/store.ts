import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { countAlone } from '../../db/count-alone.ts'
import type { Reach, Resource } from '../../decision/types.ts'

export interface ContextRow {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly segmentId: string | null
  readonly segmentName: string | null
  readonly teamId: string | null
  readonly teamName: string | null
  readonly createdBy: string | null
  readonly createdByName: string | null
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
  readonly audiences: string[]
  readonly version: number
  readonly secrets: number
  readonly restrictions: number
}

const selectContexts = (db: Db) =>
  db
    .selectFrom('context')
    .leftJoin('segment', 'segment.id', 'context.segmentId')
    .leftJoin('team', 'team.id', 'context.teamId')
    .leftJoin('person', 'person.id', 'context.createdBy')
    .select([
      'context.id',
      'context.name',
      'context.description',
      'context.segmentId',
      'segment.name as segmentName',
      'context.teamId',
      'team.name as teamName',
      'context.createdBy',
      'person.name as createdByName',
      'context.createdAt',
      'context.lastUsedAt',
      'context.audiences',
      'context.version',
      sql<number>`(select count(*) from secret s where s.context_id = context.id)`.as('secrets'),
      sql<number>`(select count(*) from restriction r where r.context_id = context.id)`.as(
        'restrictions',
      ),
    ])

/** True for the contexts that the permission's reach covers. */
export function within(reach: Reach): RawBuilder<boolean> {
  if (reach.everywhere) return sql<boolean>`true`
  const segments = sql.val([...reach.segments])
  const contexts = sql.val([...reach.contexts])
  return sql<boolean>`coalesce(context.segment_id = any(${segments}::uuid[]), false) or context.id = any(${contexts}::uuid[])`
}

export async function listContexts(
  db: Db,
  reach: Reach,
  query: InputOf<'contexts.list'>,
  after: readonly string[] | undefined,
): Promise<ContextRow[]> {
  let select = selectContexts(db)
    .where(within(reach))
    .orderBy(sql`lower(context.name)`)
    .orderBy('context.id')
    .limit(query.limit + 1)
  if (after) {
    select = select.where(
      sql<SqlBool>`(lower(context.name), context.id) > (${after[0]}, ${after[1]}::uuid)`,
    )
  }
  if (query.q) {
    const text = `%${query.q.replace(/[\\%_]/g, '\\$&')}%`
    select = select.where(
      sql<SqlBool>`(context.name ilike ${text} or context.description ilike ${text})`,
    )
  }
  if (query.segmentId) select = select.where('context.segmentId', '=', query.segmentId)
  if (query.teamId) select = select.where('context.teamId', '=', query.teamId)
  if (query.closed !== undefined) {
    const exists = sql<SqlBool>`exists (select from restriction r where r.context_id = context.id)`
    select = select.where(query.closed ? sql<SqlBool>`not ${exists}` : exists)
  }
  return select.execute()
}

export async function contextById(db: Db, id: string): Promise<ContextRow | undefined> {
  return selectContexts(db).where('context.id', '=', id).executeTakeFirst()
}

/** Locks the context, so that counting its secrets and adding one cannot race; answers its version. */
export async function lockContext(db: Db, id: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('context')
    .where('id', '=', id)
    .select('version')
    .forUpdate()
    .executeTakeFirst()
  return row?.version
}

/** What belongs to the context has changed: whoever looked at it before has to look again. */
export async function touchContext(db: Db, id: string): Promise<void> {
  await db
    .updateTable('context')
    .set((set) => ({ version: set('version', '+', 1) }))
    .where('id', '=', id)
    .execute()
}

/** How many contexts there are, with nobody adding one until this transaction has ended. */
export async function countContextsAlone(db: Db): Promise<number> {
  await countAlone(db, 'contexts')
  const { count } = await db
    .selectFrom('context')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export interface ContextValues {
  readonly name: string
  readonly description: string
  readonly segmentId: string | null
  readonly teamId: string | null
}

export async function insertContext(
  db: Db,
  values: ContextValues & { id: string; createdBy: string | null },
): Promise<void> {
  await db.insertInto('context').values(values).execute()
}

/** False when the version has moved on. */
export async function updateContext(
  db: Db,
  id: string,
  version: number,
  values: Partial<ContextValues & { readonly audiences: string[] }>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('context')
    .set({ ...values, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function deleteContext(db: Db, id: string, version: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('context')
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** A segment, team or project by its id, for its name and for the decision on it. */
export async function placeNamed(
  db: Db,
  kind: 'segment' | 'team' | 'project',
  id: string,
): Promise<Resource | undefined> {
  const segmentId = sql<string | null>`${kind === 'project' ? sql.ref('segment_id') : null}::uuid`
  const row = await db
    .selectFrom(kind)
    .where('id', '=', id)
    .select(['id', 'name', segmentId.as('segmentId')])
    .executeTakeFirst()
  if (!row) return undefined
  const segment = kind === 'segment' ? row.id : row.segmentId
  const within = { ...(segment && { segment }), ...(kind === 'project' && { project: row.id }) }
  return { kind, id: row.id, name: row.name, within }
}
