import { sql, type SqlBool } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import type { Reach } from '../../decision/types.ts'
import { projectWithin } from '../projects/service.ts'

const columns = [
  'pipelineCheck.id',
  'pipelineCheck.at',
  'pipelineCheck.projectId',
  'project.name as projectName',
  'pipelineCheck.provider',
  'pipelineCheck.path',
  'pipelineCheck.kind',
  'pipelineCheck.branch',
  'pipelineCheck.tag',
  'pipelineCheck.status',
  'pipelineCheck.hardFailures',
  'pipelineCheck.softFailures',
  'pipelineCheck.wouldFailures',
  'pipelineCheck.checkedByKind',
  'pipelineCheck.checkedById',
  'pipelineCheck.checkedByName',
] as const

/** Checks of projects that the permission reaches. */
const seen = (db: Db, reach: Reach) => {
  const select = db
    .selectFrom('pipelineCheck')
    .innerJoin('project', 'project.id', 'pipelineCheck.projectId')
  return reach.everywhere ? select : select.where(projectWithin(reach))
}

/** Newest first. `place` is the moment to the microsecond, which a `Date` does not hold: for the cursor. */
export async function listChecks(
  db: Db,
  reach: Reach,
  query: InputOf<'pipelines.list'>,
  after: readonly string[] | undefined,
) {
  let select = seen(db, reach)
    .select(columns)
    .select(sql<string>`pipeline_check.at::text`.as('place'))
    .orderBy('pipelineCheck.at', 'desc')
    .orderBy('pipelineCheck.id', 'desc')
    .limit(query.limit + 1)
  if (query.project) select = select.where('pipelineCheck.projectId', '=', query.project)
  if (query.status) select = select.where('pipelineCheck.status', '=', query.status)
  if (query.provider) select = select.where('pipelineCheck.provider', '=', query.provider)
  if (query.from) select = select.where('pipelineCheck.at', '>=', new Date(query.from))
  if (query.until) select = select.where('pipelineCheck.at', '<', new Date(query.until))
  if (after) {
    select = select.where(
      sql<SqlBool>`(pipeline_check.at, pipeline_check.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
    )
  }
  return select.execute()
}
export type CheckRow = Omit<Awaited<ReturnType<typeof listChecks>>[number], 'place'>

/** One check with its file and the decision that has its id. */
export const checkById = (db: Db, reach: Reach, id: string) =>
  seen(db, reach)
    .innerJoin('pipelineConfig', 'pipelineConfig.digest', 'pipelineCheck.digest')
    .leftJoin('decision', 'decision.id', 'pipelineCheck.id')
    .where('pipelineCheck.id', '=', id)
    .select(columns)
    .select([
      'pipelineCheck.enabledRules',
      'pipelineCheck.facts',
      'pipelineCheck.violations',
      'pipelineCheck.more',
      'pipelineConfig.text',
      'pipelineConfig.digest',
      'decision.layers',
      'decision.sentence',
      'decision.latencyUs',
      'decision.eventId',
    ])
    .executeTakeFirst()

const placed = (db: Db) =>
  db
    .selectFrom('project')
    .innerJoin('segment', 'segment.id', 'project.segmentId')
    .leftJoin('team', 'team.id', 'project.teamId')
    .select([
      'project.id',
      'project.name',
      'project.slug',
      'project.provider',
      'project.defaultBranch',
      'project.segmentId',
      'segment.name as segmentName',
      'project.teamId',
      'team.name as teamName',
    ])

/** A project by its id or slug, with its place. */
export async function projectNamed(db: Db, named: string) {
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(named)
  return placed(db)
    .where(isId ? 'project.id' : 'project.slug', '=', named)
    .executeTakeFirst()
}

/** Checks by their ids, as they can be decided on again: by the facts read then, in the project's place of now. */
export const checksToRepeat = (db: Db, ids: readonly string[]) =>
  placed(db)
    .innerJoin('pipelineCheck', 'pipelineCheck.projectId', 'project.id')
    .where('pipelineCheck.id', 'in', ids)
    .select([
      'pipelineCheck.id as checkId',
      'pipelineCheck.path',
      'pipelineCheck.branch',
      'pipelineCheck.tag',
      'pipelineCheck.facts',
    ])
    .execute()

export type ProjectPlace = NonNullable<Awaited<ReturnType<typeof projectNamed>>>
