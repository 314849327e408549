import { sql } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { ExceptionState } from '../../../contract/exceptions.ts'
import type { Layer } from '../../../contract/decisions.ts'
import type { Db } from '../../db/connect.ts'
import type { Reach } from '../../decision/types.ts'
import { contextWithin } from '../contexts/service.ts'

/** What it is at a moment: what the clock did is true before it was written down. */
const stateAt = (now: Date) => sql<ExceptionState>`case
  when e.state = 'pending' and e.answer_by <= ${now} then 'lapsed'
  when e.state = 'approved' and e.expires_at <= ${now} then 'expired'
  when e.state = 'approved' then 'active'
  else e.state end`

const selectExceptions = (db: Db, now: Date) =>
  db
    .selectFrom('useException as e')
    .innerJoin('person as asker', 'asker.id', 'e.requesterId')
    .leftJoin('person as decider', 'decider.id', 'e.decidedBy')
    .leftJoin('person as ender', 'ender.id', 'e.endedBy')
    .leftJoin('project', 'project.id', 'e.projectId')
    .leftJoin('context', 'context.id', 'e.contextId')
    .selectAll('e')
    .select([
      'asker.name as requesterName',
      'decider.name as deciderName',
      'ender.name as enderName',
      sql<string>`coalesce(project.name, e.project_name)`.as('projectNameNow'),
      sql<string>`coalesce(context.name, e.context_name)`.as('contextNameNow'),
      stateAt(now).as('stateNow'),
    ])

export type ExceptionRow = Awaited<
  ReturnType<ReturnType<typeof selectExceptions>['executeTakeFirstOrThrow']>
>

export const findException = (db: Db, id: string, now: Date): Promise<ExceptionRow | undefined> =>
  selectExceptions(db, now).where('e.id', '=', id).executeTakeFirst()

/** Held until the end of the change; whoever comes later sees what came of it. */
export async function lockException(db: Db, id: string): Promise<void> {
  await db.selectFrom('useException').where('id', '=', id).select('id').forUpdate().execute()
}

/** One's own, and those of contexts that the reach covers; newest first. */
export async function listExceptions(
  db: Db,
  { personId, reach }: { personId: string; reach: Reach },
  query: InputOf<'exceptions.list'>,
  now: Date,
  after: string | undefined,
): Promise<ExceptionRow[]> {
  let select = selectExceptions(db, now)
    .orderBy('e.id', 'desc')
    .limit(query.limit + 1)
    .where((where) =>
      query.which === 'mine'
        ? where('e.requesterId', '=', personId)
        : where.or([where('e.requesterId', '=', personId), contextWithin(reach)]),
    )
  if (query.state) select = select.where(stateAt(now), '=', query.state)
  if (query.context) select = select.where('e.contextId', '=', query.context)
  if (query.project) select = select.where('e.projectId', '=', query.project)
  if (after) select = select.where('e.id', '<', after)
  return select.execute()
}

/** Of contexts that the reach covers, what waits for somebody else than who asked. */
export const waitingFor = (db: Db, personId: string, reach: Reach, now: Date, most: number) =>
  selectExceptions(db, now)
    .where('e.state', '=', 'pending')
    .where('e.answerBy', '>', now)
    .where('e.requesterId', '!=', personId)
    .where(contextWithin(reach))
    .orderBy('e.answerBy')
    .limit(most)
    .execute()

export async function layersOf(db: Db, decisionId: string): Promise<readonly Layer[]> {
  const row = await db
    .selectFrom('decision')
    .where('id', '=', decisionId)
    .select('layers')
    .executeTakeFirst()
  return row?.layers ?? []
}
