import { sql, type SqlBool } from 'kysely'
import type { ImpactChange } from '../../../contract/impact.ts'
import type { Db } from '../../db/connect.ts'
import { countAlone } from '../../db/count-alone.ts'
import type { ReplayedPolicy } from '../../db/tables/replays.ts'
import type { Reach } from '../../decision/types.ts'
import { decisionsWithin } from '../decisions/service.ts'

/** A server that says nothing for so long has gone. */
const stranded = sql<SqlBool>`progressed_at < clock_timestamp() - interval '60 seconds'`

/** Takes the oldest that waits; several servers never take the same. */
export async function claimReplay(db: Db): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    update replay set state = 'running', progressed_at = clock_timestamp()
    where id = (select id from replay where state = 'waiting'
      order by created_at limit 1 for update skip locked)
    returning id`.execute(db)
  return rows[0]?.id
}

/** What its thread left open has failed. */
export async function endReplay(db: Db, id: string, fault: string | null): Promise<void> {
  await db
    .updateTable('replay')
    .set({
      state: 'failed',
      fault: fault ?? 'It ended before its time.',
      finishedAt: sql<Date>`clock_timestamp()`,
    })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute()
}

/** What a server was at when it stopped begins anew, for an hour; after that it has failed. */
export async function requeueStranded(db: Db): Promise<void> {
  const { rows } = await sql<{ id: string; again: boolean }>`
    select id, created_at > clock_timestamp() - interval '1 hour' as again from replay
    where state = 'running' and ${stranded} for update skip locked`.execute(db)
  for (const { id, again } of rows) {
    if (!again) {
      await endReplay(db, id, 'The server that ran it stopped.')
      continue
    }
    await db.deleteFrom('replayTrace').where('replayId', '=', id).execute()
    await db
      .updateTable('replay')
      .set({ state: 'waiting', done: 0, distinctFacts: 0, untold: 0 })
      .where('id', '=', id)
      .where('state', '=', 'running')
      .execute()
  }
}

/** True for the one server that counts now: when policies changed, and every six hours. */
export async function usageIsDue(db: Db): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update policy_usage_epoch u set epoch = e.epoch, computed_at = clock_timestamp()
    from policy_epoch e
    where (u.epoch is distinct from e.epoch or u.computed_at < clock_timestamp() - interval '6 hours')
      and exists (select from policy where mode <> 'draft')`.execute(db)
  return numAffectedRows === 1n
}

export interface ReplayAsk {
  readonly id: string
  readonly changes: readonly ReplayedPolicy[]
  readonly fromAt: Date
  readonly untilAt: Date
  readonly projectId: string | null
  readonly contextId: string | null
  readonly action: string | null
  readonly createdBy: string | null
  readonly createdAt: Date
}

export async function insertReplay(db: Db, ask: ReplayAsk): Promise<void> {
  await db
    .insertInto('replay')
    .values({
      ...ask,
      changes: JSON.stringify(ask.changes),
      fault: null,
      progressedAt: null,
      finishedAt: null,
    })
    .execute()
}

/** Unfinished ones of a person, who may not fill the queue. */
export async function countOpen(db: Db, personId: string | null): Promise<number> {
  await countAlone(db, `replays of ${personId ?? 'nobody'}`)
  const { count } = await db
    .selectFrom('replay')
    .where('state', 'in', ['waiting', 'running'])
    .where('createdBy', 'is not distinct from', personId)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export async function cancelReplay(db: Db, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('replay')
    .set({ state: 'cancelled', finishedAt: sql<Date>`clock_timestamp()` })
    .where('id', '=', id)
    .where('state', 'in', ['waiting', 'running'])
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** How many decisions it turned, of those that the reach covers. */
const turned = (reach: Reach, newlyDenied: boolean) => sql<number>`(
  select count(*) from replay_changed r join decision on decision.id = r.decision_id
  where r.replay_id = replay.id and r.newly_denied = ${newlyDenied} and ${decisionsWithin(reach)})`

const selectReplays = (db: Db, reach: Reach) =>
  db
    .selectFrom('replay')
    .leftJoin('person', 'person.id', 'replay.createdBy')
    .leftJoin('project', 'project.id', 'replay.projectId')
    .leftJoin('context', 'context.id', 'replay.contextId')
    .selectAll('replay')
    .select([
      'person.name as createdByName',
      'project.name as projectName',
      'context.name as contextName',
      turned(reach, true).as('newlyDenied'),
      turned(reach, false).as('newlyPermitted'),
    ])

export const replayById = (db: Db, reach: Reach, id: string) =>
  selectReplays(db, reach).where('replay.id', '=', id).executeTakeFirst()
export type ReplayRow = NonNullable<Awaited<ReturnType<typeof replayById>>>

export async function listReplays(
  db: Db,
  reach: Reach,
  { policyId, limit, after }: { policyId?: string | undefined; limit: number; after?: string },
): Promise<ReplayRow[]> {
  let select = selectReplays(db, reach).orderBy('replay.id', 'desc').limit(limit)
  if (policyId) {
    const holds = JSON.stringify([{ policyId }])
    select = select.where(sql<SqlBool>`replay.changes @> ${holds}::jsonb`)
  }
  if (after) select = select.where('replay.id', '<', after)
  return select.execute()
}

export interface GroupRow {
  readonly facet: 'project' | 'context' | 'person'
  readonly id: string
  readonly name: string
  readonly newlyDenied: number
  readonly newlyPermitted: number
}

/** The fifty most concerned of each sort, among the decisions of the reach. Runs are their project's, not a person's. */
export async function groupsOf(db: Db, reach: Reach, replayId: string): Promise<GroupRow[]> {
  const { rows } = await sql<GroupRow>`
    select facet, id, name, newly_denied as "newlyDenied", newly_permitted as "newlyPermitted" from (
      select facet, value as id, coalesce(max(name), value) as name,
        count(*) filter (where newly_denied) as newly_denied,
        count(*) filter (where not newly_denied) as newly_permitted,
        row_number() over (partition by facet order by count(*) desc, value) as place
      from (
        select r.newly_denied, f.* from replay_changed r
        join decision on decision.id = r.decision_id
        left join project p on p.id = decision.project_id
        left join context c on c.id = decision.context_id,
        lateral (values ('project', decision.project_id::text, p.name),
          ('context', decision.context_id::text, c.name),
          ('person', case when decision.run is null then decision.actor_id
              else coalesce(decision.run ->> 'actorLogin', null) end,
            case when decision.run is null then decision.actor_name
              else decision.run ->> 'actorLogin' end)) as f (facet, value, name)
        where r.replay_id = ${replayId} and f.value is not null and ${decisionsWithin(reach)}) each
      group by facet, value) counted
    where place <= 50 order by facet, place`.execute(db)
  return rows
}

export interface ChangedQuery {
  readonly replayId: string
  readonly change?: ImpactChange | undefined
  readonly project?: string | undefined
  readonly context?: string | undefined
  readonly actor?: string | undefined
  readonly decisionId?: string
  readonly limit: number
  readonly after?: readonly string[]
}

/** The decisions that a replay turned, newest first, as far as the reach covers them. */
export async function changedDecisions(db: Db, reach: Reach, query: ChangedQuery) {
  const { replayId, change, project, context, actor, decisionId, limit, after } = query
  let select = db
    .selectFrom('replayChanged')
    .innerJoin('replayTrace', (join) =>
      join
        .onRef('replayTrace.replayId', '=', 'replayChanged.replayId')
        .onRef('replayTrace.number', '=', 'replayChanged.number'),
    )
    .innerJoin('decision', 'decision.id', 'replayChanged.decisionId')
    .leftJoin('project', 'project.id', 'decision.projectId')
    .leftJoin('context', 'context.id', 'decision.contextId')
    .where('replayChanged.replayId', '=', replayId)
    .where(decisionsWithin(reach))
    .select([
      'decision.id',
      'decision.at',
      'decision.actorKind',
      'decision.actorId',
      'decision.actorName',
      'decision.action',
      'decision.resourceKind',
      'decision.resourceId',
      'decision.resourceName',
      'decision.projectId',
      'project.name as projectName',
      'decision.contextId',
      'context.name as contextName',
      'replayChanged.newlyDenied',
      'replayTrace.sentence',
    ])
    .select(sql<string>`replay_changed.at::text`.as('place'))
    .orderBy('replayChanged.at', 'desc')
    .orderBy('replayChanged.decisionId', 'desc')
    .limit(limit)
  if (change) select = select.where('replayChanged.newlyDenied', '=', change === 'newly_denied')
  if (project) select = select.where('decision.projectId', '=', project)
  if (context) select = select.where('decision.contextId', '=', context)
  if (actor) {
    select = select.where(
      sql<SqlBool>`${actor} in (decision.actor_id, decision.run ->> 'actorLogin')`,
    )
  }
  if (decisionId) select = select.where('decision.id', '=', decisionId)
  if (after) {
    select = select.where(
      sql<SqlBool>`(replay_changed.at, replay_changed.decision_id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
    )
  }
  return select.execute()
}
export type ChangedRow = Awaited<ReturnType<typeof changedDecisions>>[number]

/** The trace of one turned decision: its layers as recorded, and the policy layers of both sets. */
export const traceOf = (db: Db, replayId: string, decisionId: string) =>
  db
    .selectFrom('replayChanged')
    .innerJoin('replayTrace', (join) =>
      join
        .onRef('replayTrace.replayId', '=', 'replayChanged.replayId')
        .onRef('replayTrace.number', '=', 'replayChanged.number'),
    )
    .innerJoin('decision', 'decision.id', 'replayChanged.decisionId')
    .where('replayChanged.replayId', '=', replayId)
    .where('replayChanged.decisionId', '=', decisionId)
    .select(['replayTrace.before', 'replayTrace.after', 'decision.layers'])
    .executeTakeFirst()
