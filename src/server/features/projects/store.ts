import { sql, type SqlBool } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { grantHolds } from '../../decision/live-grant.ts'
import type { Reach } from '../../decision/types.ts'

const selectProjects = (db: Db) =>
  db
    .selectFrom('project')
    .innerJoin('segment', 'segment.id', 'project.segmentId')
    .leftJoin('team', 'team.id', 'project.teamId')
    .selectAll('project')
    .select((eb) => [
      'segment.name as segmentName',
      'team.name as teamName',
      eb
        .selectFrom('trustRule')
        .innerJoin('trustRuleUsed', 'trustRuleUsed.trustRuleId', 'trustRule.id')
        .whereRef('trustRule.projectId', '=', 'project.id')
        .select(({ fn }) => fn.max('trustRuleUsed.lastUsedAt').as('at'))
        .as('lastUsedAt'),
    ])

export type ProjectRow = Awaited<
  ReturnType<ReturnType<typeof selectProjects>['executeTakeFirstOrThrow']>
>

export const projectById = (db: Db, id: string): Promise<ProjectRow | undefined> =>
  selectProjects(db).where('project.id', '=', id).executeTakeFirst()

export const allProjects = (db: Db): Promise<ProjectRow[]> => selectProjects(db).execute()

/** Of a query that reads `project`: those that lie in what one reaches. */
export const projectWithin = ({ segments, projects }: Reach) =>
  sql<SqlBool>`(project.segment_id = any(${sql.val([...segments])}::uuid[])
    or project.id = any(${sql.val([...projects])}::uuid[]))`

export async function listProjects(
  db: Db,
  reach: Reach,
  query: InputOf<'projects.list'>,
  after: readonly string[] | undefined,
): Promise<ProjectRow[]> {
  let select = selectProjects(db)
    .orderBy(sql`lower(project.name)`)
    .orderBy('project.id')
    .limit(query.limit + 1)
  if (!reach.everywhere) select = select.where(projectWithin(reach))
  if (after) {
    select = select.where(
      sql<SqlBool>`(lower(project.name), project.id) > (${after[0]}, ${after[1]}::uuid)`,
    )
  }
  if (query.q) {
    const text = `%${query.q.replace(/[\\%_]/g, '\\$&')}%`
    select = select.where(
      sql<SqlBool>`(project.name ilike ${text} or project.repository ilike ${text} or project.renamed_from ilike ${text})`,
    )
  }
  if (query.segmentId) select = select.where('project.segmentId', '=', query.segmentId)
  if (query.teamId) select = select.where('project.teamId', '=', query.teamId)
  if (query.provider) select = select.where('project.provider', '=', query.provider)
  return select.execute()
}

type Values = InputOf<'projects.create'>
/** What is not given stays as it is. */
type Changes = { readonly [K in keyof Values]?: Values[K] | undefined }

export async function insertProject(db: Db, values: Values & { id: string }): Promise<void> {
  await db
    .insertInto('project')
    .values({ ...values, renamedFrom: null })
    .execute()
}

/** False when the version has moved on. */
export async function updateProject(
  db: Db,
  id: string,
  version: number,
  values: Changes & { readonly renamedFrom?: string },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('project')
    .set({ ...values, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function deleteProject(db: Db, id: string, version: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('project')
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** What names the project and would be left without it. */
export async function naming(db: Db, id: string) {
  const { rows } = await sql<{ grants: number; scheduled: number; restrictions: number }>`select
    (select count(*) from access_grant g where g.project_id = ${id} and ${grantHolds()}) as grants,
    (select count(*) from access_grant g where g.project_id = ${id} and g.ended_at is null
      and not ${grantHolds()}) as scheduled,
    (select count(*) from restriction where project_id = ${id}) as restrictions`.execute(db)
  return rows[0] ?? { grants: 0, scheduled: 0, restrictions: 0 }
}

interface ReachedRow {
  readonly id: string
  readonly name: string
  readonly by: 'project' | 'team' | 'segment' | 'expression'
  readonly permitted: number
  readonly denied: number
}

/**
 * Contexts whose restrictions do not exclude the project: every kind of target that a context has must name it (types
 * combine with AND); with expressions alone, every project is reached. The nearest reason is told.
 */
export async function contextsReached(
  db: Db,
  { id, teamId, segmentId }: Pick<ProjectRow, 'id' | 'teamId' | 'segmentId'>,
): Promise<ReachedRow[]> {
  const { rows } = await sql<ReachedRow>`
    with kinds as (
      select context_id,
        bool_or(kind = 'project') as has_project, bool_or(project_id = ${id}) as project,
        bool_or(kind = 'team') as has_team, bool_or(team_id = ${teamId}::uuid) as team,
        bool_or(kind = 'segment') as has_segment, bool_or(segment_id = ${segmentId}) as segment
      from restriction group by context_id),
    reached as (
      select context_id, case when project then 'project' when team then 'team'
        when segment then 'segment' else 'expression' end as by
      from kinds
      where (not has_project or coalesce(project, false)) and (not has_team or coalesce(team, false))
        and (not has_segment or coalesce(segment, false))),
    month as (
      select context_id, sum(count) filter (where outcome in ('permitted', 'would_deny')) as permitted,
        sum(count) filter (where outcome = 'denied') as denied
      from decision_rollup
      where project_id = ${id} and hour > clock_timestamp() - interval '30 days'
      group by context_id)
    select c.id, c.name, r.by, coalesce(m.permitted, 0)::bigint as permitted, coalesce(m.denied, 0)::bigint as denied
    from reached r join context c on c.id = r.context_id left join month m on m.context_id = c.id
    order by lower(c.name) limit 500`.execute(db)
  return rows
}
