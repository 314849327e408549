import { sql, type SqlBool } from 'kysely'
import type { DecisionFilter } from '../../../contract/decisions.ts'
import type { Db } from '../../db/connect.ts'
import { visible, type Reader } from './visible.ts'

export function filtered(db: Db, reader: Reader, filter: DecisionFilter) {
  const { outcome, cause, action, actor, project, context, policy, policyMode, from, until } =
    filter
  let select = db
    .selectFrom('decision')
    .leftJoin('project', 'project.id', 'decision.projectId')
    .leftJoin('context', 'context.id', 'decision.contextId')
    .where(visible(reader))
  if (outcome) select = select.where('decision.outcome', '=', outcome)
  if (cause) select = select.where('decision.cause', '=', cause)
  if (action?.endsWith(':*')) {
    const prefix = action.slice(0, -1)
    // A range, so that the index on actions answers it; `;` follows `:`.
    select = select
      .where('decision.action', '>=', prefix)
      .where('decision.action', '<', `${prefix.slice(0, -1)};`)
  } else if (action) select = select.where('decision.action', '=', action)
  if (actor) select = select.where('decision.actorId', '=', actor)
  if (project) select = select.where('decision.projectId', '=', project)
  if (context) select = select.where('decision.contextId', '=', context)
  if (policy) {
    const holds = JSON.stringify([{ id: policy, ...(policyMode && { mode: policyMode }) }])
    select = select.where(sql<SqlBool>`decision.policies @> ${holds}::jsonb`)
  }
  if (from) select = select.where('decision.at', '>=', new Date(from))
  if (until) select = select.where('decision.at', '<', new Date(until))
  return select
}

const columns = [
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
  'decision.outcome',
  'decision.sentence',
] as const

/** Newest first. `place` is the moment to the microsecond, which a `Date` does not hold: for the cursor. */
export async function listDecisions(
  db: Db,
  reader: Reader,
  filter: DecisionFilter,
  limit: number,
  after: readonly string[] | undefined,
) {
  let select = filtered(db, reader, filter)
    .select(columns)
    .select(sql<string>`decision.at::text`.as('place'))
    .orderBy('decision.at', 'desc')
    .orderBy('decision.id', 'desc')
    .limit(limit)
  if (after) {
    select = select.where(
      sql<SqlBool>`(decision.at, decision.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
    )
  }
  return select.execute()
}

/** The same, only to be counted, up to so many. */
export const someDecisions = (db: Db, reader: Reader, filter: DecisionFilter, limit: number) =>
  filtered(db, reader, filter).select('decision.id').limit(limit)

export type DecisionRow = Omit<Awaited<ReturnType<typeof listDecisions>>[number], 'place'>

export async function decisionById(db: Db, reader: Reader, id: string) {
  return filtered(db, reader, {})
    .where('decision.id', '=', id)
    .select(columns)
    .select([
      'decision.layers',
      'decision.facts',
      'decision.policies',
      'decision.latencyUs',
      'decision.eventId',
    ])
    .executeTakeFirst()
}

export async function policyNames(db: Db, ids: readonly string[]) {
  if (ids.length === 0) return new Map<string, string>()
  const rows = await db
    .selectFrom('policy')
    .where('id', 'in', [...ids])
    .select(['id', 'name'])
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name] as const))
}

/** As many as are counted: a facet of everything would cost more than anybody waits. */
export const facetLimit = 10_000

interface FacetRow {
  facet: 'outcome' | 'action' | 'actor' | 'project' | 'context'
  value: string
  name: string
  count: number
}

/** The commonest twenty values of each facet among the newest matching decisions, and how many these are. */
export async function facetsOf(db: Db, reader: Reader, filter: DecisionFilter) {
  const newest = filtered(db, reader, filter)
    .select(columns)
    .orderBy('decision.at', 'desc')
    .orderBy('decision.id', 'desc')
    .limit(facetLimit + 1)
  const { rows } = await sql<FacetRow>`
    with newest as materialized (${newest}),
    counted as (
      select facet, value, max(name) as name, count(*) as count
      from newest n, lateral (values
        ('outcome', n.outcome, n.outcome), ('action', n.action, n.action),
        ('actor', n.actor_id, n.actor_name), ('project', n.project_id::text, n.project_name),
        ('context', n.context_id::text, n.context_name)) as f (facet, value, name)
      where value is not null
      group by facet, value)
    select facet, value, coalesce(name, value) as name, count from (
      select *, row_number() over (partition by facet order by count desc, value) as place from counted) c
    where place <= 20 order by facet, place`.execute(db)
  return rows
}
