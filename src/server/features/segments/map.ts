import { sql } from 'kysely'
import type { AnswerOf } from '../../../contract/index.ts'
import { mapNames } from '../../../contract/segments.ts'
import type { Reach } from '../../decision/types.ts'
import type { Scope } from '../../http/scope.ts'
import { flowsAmong, segmentsSeen } from './flow-store.ts'

type Drawn = AnswerOf<'segments.map'>

interface PlacedRow {
  readonly what: 'project' | 'context'
  readonly segmentId: string | null
  readonly id: string
  readonly name: string
  readonly many: number
}

/** What is placed in each segment, the first by name, as far as one may see it. */
async function placed({ db }: Scope, projects: Reach, contexts: Reach): Promise<PlacedRow[]> {
  const seen = ({ everywhere, segments }: Reach, ids: readonly string[]) =>
    everywhere
      ? sql`true`
      : sql`(coalesce(o.segment_id = any(${sql.val([...segments])}::uuid[]), false)
          or o.id = any(${sql.val([...ids])}::uuid[]))`
  const { rows } = await sql<PlacedRow>`
    select what, segment_id, id, name, many::int from (
      select what, segment_id, id, name, count(*) over here as many,
        row_number() over (here order by lower(name), id) as place
      from (
        select 'project' as what, o.segment_id, o.id, o.name from project o where ${seen(projects, projects.projects)}
        union all
        select 'context', o.segment_id, o.id, o.name from context o where ${seen(contexts, contexts.contexts)}) o
      window here as (partition by what, segment_id)) named
    where place <= ${mapNames} order by what, place`.execute(db)
  return rows
}

/** How often runs of projects of one segment used contexts of another, by both. */
async function uses({ db, now }: Scope): Promise<ReadonlyMap<string, number>> {
  const since = new Date(now.getTime() - 90 * 86_400_000)
  const { rows } = await sql<{ fromId: string; toId: string; used: number }>`
    select p.segment_id as from_id, c.segment_id as to_id, sum(r.count)::bigint as used
    from (select project_id, context_id, sum(count) as count from decision_rollup
      where hour > ${since} and outcome in ('permitted', 'would_deny') and project_id is not null group by 1, 2) r
    join project p on p.id = r.project_id join context c on c.id = r.context_id
    where c.segment_id <> p.segment_id group by 1, 2`.execute(db)
  return new Map(rows.map(({ fromId, toId, used }) => [`${fromId} ${toId}`, used]))
}

export async function segmentMap(scope: Scope): Promise<Drawn> {
  const segments = await segmentsSeen(scope.db, scope.reach('segment:view'))
  const flows = await flowsAmong(
    scope.db,
    segments.map(({ id }) => id),
  )
  const rows = await placed(scope, scope.reach('project:view'), scope.reach('context:view'))
  const used = flows.length > 0 ? await uses(scope) : new Map<string, number>()
  const of = (what: PlacedRow['what'], segmentId: string | null) => {
    const here = rows.filter((row) => row.what === what && row.segmentId === segmentId)
    return {
      named: here.map(({ id, name }) => ({ id, name })),
      more: (here[0]?.many ?? 0) - here.length,
    }
  }
  return {
    segments: segments.map(({ id, name, tier, ranges }) => ({
      id,
      name,
      tier,
      cidrs: ranges,
      projects: of('project', id),
      contexts: of('context', id),
    })),
    flows: flows.map(({ fromId, toId }) => ({
      from: fromId,
      to: toId,
      used: used.get(`${fromId} ${toId}`) ?? 0,
    })),
    outside: of('context', null),
  }
}
