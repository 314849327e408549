import { sql, type RawBuilder } from 'kysely'
import type { Tier } from '../../../contract/segments.ts'
import type { Db } from '../../db/connect.ts'
import type { Reach } from '../../decision/types.ts'
import { configWays, forkPaths, productionWays, reachedBy } from './reached.ts'

/** Of a query that reads the context `c`: those that one may see. */
export const seen = ({ everywhere, segments, contexts }: Reach): RawBuilder<boolean> =>
  everywhere
    ? sql<boolean>`true`
    : sql<boolean>`(coalesce(c.segment_id = any(${sql.val([...segments])}::uuid[]), false)
        or c.id = any(${sql.val([...contexts])}::uuid[]))`

export interface ContextSeen {
  readonly id: string
  readonly name: string
  readonly segmentId: string | null
  readonly segmentName: string | null
  readonly tier: Tier | null
  readonly secrets: number
}

const contextColumns = sql`c.id, c.name, c.segment_id, g.name as segment_name, g.tier,
  (select count(*)::int from secret x where x.context_id = c.id) as secrets`

interface RunWay {
  readonly rule: { readonly id: string; readonly name: string }
  readonly restrictions: readonly string[]
  /** The segment that the run comes from, where it takes a flow. */
  readonly from: { readonly id: string; readonly name: string } | null
}

export interface RunReached extends ContextSeen {
  readonly ways: readonly RunWay[]
  readonly used: number
  readonly lastUsedAt: Date | null
}

/**
 * Contexts that runs reach, or used since: `rules` has the trust rules by which runs are known to be their project's, with
 * `id`, `name`, `project_id`, and `from_id`, the segment that they take place in.
 */
export async function reachedByRuns(
  db: Db,
  rules: RawBuilder<unknown>,
  reach: Reach,
  since: Date,
): Promise<RunReached[]> {
  const { rows } = await sql<RunReached>`
    with rules as (${rules}),
    reached as (${reachedBy(sql`select project_id, from_id from rules`)}),
    ways as (
      select context_id, jsonb_agg(jsonb_build_object('rule', jsonb_build_object('id', rules.id, 'name', rules.name),
          'restrictions', (select coalesce(jsonb_agg(x.kind || ' ' || coalesce(p.name, t.name, g.name) order by x.kind), '[]')
            from restriction x join project o on o.id = reached.project_id
            left join project p on p.id = x.project_id left join team t on t.id = x.team_id
            left join segment g on g.id = x.segment_id
            where x.context_id = reached.context_id
              and (x.project_id = o.id or x.team_id = o.team_id or x.segment_id = o.segment_id)),
          'from', case when flow then (select jsonb_build_object('id', f.id, 'name', f.name)
            from segment f where f.id = reached.from_id) end)
        order by flow, rules.name) as ways
      from reached join rules using (project_id, from_id) group by 1),
    used as (
      select context_id, sum(count)::bigint as used, max(hour) as last_used_at from decision_rollup
      where project_id in (select project_id from rules) and hour > ${since} and context_id is not null
        and outcome in ('permitted', 'would_deny') group by 1)
    select ${contextColumns}, coalesce(w.ways, '[]') as ways, coalesce(u.used, 0) as used, u.last_used_at
    from context c left join segment g on g.id = c.segment_id
    left join ways w on w.context_id = c.id left join used u on u.context_id = c.id
    where (w.context_id is not null or u.context_id is not null) and ${seen(reach)}`.execute(db)
  return rows
}

/** Runs of a project take place in its segment. */
export const rulesOfProject = (projectId: string) => sql`
  select t.id, t.name, t.project_id, p.segment_id as from_id from trust_rule t join project p on p.id = t.project_id
  where p.id = ${projectId}`

/** Runs whose trust rule says the class take place in the segments that name it; without such, in their project's. */
export const rulesOfClass = (runnerClass: string) => sql`
  select t.id, t.name, t.project_id, coalesce(g.id, p.segment_id) as from_id
  from trust_rule t join project p on p.id = t.project_id
  left join segment g on ${runnerClass} = any (g.runner_classes)
  where t.runner_class = ${runnerClass}`

export async function runnerClasses(db: Db, { everywhere, segments }: Reach) {
  const visible = everywhere ? sql`true` : sql`g.id = any(${sql.val([...segments])}::uuid[])`
  const { rows } = await sql<{ name: string; segments: { id: string; name: string }[] }>`
    select class as name, coalesce(jsonb_agg(distinct jsonb_build_object('id', id, 'name', segment))
      filter (where names), '[]') as segments
    from (
      select unnest(g.runner_classes) as class, g.id, g.name as segment, true as names from segment g where ${visible}
      union select t.runner_class, g.id, g.name, false from trust_rule t join project p on p.id = t.project_id
        join segment g on g.id = p.segment_id where t.runner_class is not null and ${visible}) named
    group by 1 order by 1`.execute(db)
  return rows
}

/** Every context that one may see, with what somebody did in it since. */
export async function contextsWithActs(db: Db, actorId: string, reach: Reach, since: Date) {
  const { rows } = await sql<ContextSeen & { used: number; lastUsedAt: Date | null }>`
    select ${contextColumns}, coalesce(u.used, 0) as used, u.last_used_at
    from context c left join segment g on g.id = c.segment_id
    left join (
      select d.context_id, count(*) as used, max(d.at) as last_used_at from decision d
      where d.actor_id = ${actorId} and d.at > ${since} and d.context_id is not null
        and d.outcome in ('permitted', 'would_deny') group by 1) u on u.context_id = c.id
    where ${seen(reach)}`.execute(db)
  return rows
}

interface ConfigPlace {
  readonly checkId: string
  readonly checkedAt: Date
  readonly file: string
  readonly workflow: string
  readonly job: string
  readonly line: number
  readonly trigger: string
  readonly jobs: number
}

type Nullable<T> = { readonly [K in keyof T]: T[K] | null }

/** Of a trust rule, or of a config: of one of both. */
export interface ForkPathRow extends ContextSeen, Nullable<ConfigPlace> {
  readonly ruleId: string | null
  readonly ruleName: string | null
  readonly projectId: string
  readonly projectName: string
  readonly runnerClass: string | null
  readonly fromId: string
  readonly fromName: string
  readonly fromTier: Tier
  readonly flow: boolean
  readonly segmentName: string
  readonly segmentId: string
  readonly tier: Tier
  readonly expressions: readonly string[]
}

/** Of a query that reads the project `p`: those that one may see. */
const projectSeen = ({ everywhere, segments, projects }: Reach) =>
  everywhere
    ? sql`true`
    : sql`(p.segment_id = any(${sql.val([...segments])}::uuid[]) or p.id = any(${sql.val([...projects])}::uuid[]))`

/** What one may see of the ways from forks: trust rules, configs, and the contexts that they lead to. */
export interface ForkReaches {
  readonly rules: Reach
  readonly configs: Reach
  readonly contexts: Reach
}

/** The ways from forks to production, as far as one may see both of their ends. */
export async function forkPathRows(
  db: Db,
  { rules, configs, contexts }: ForkReaches,
  limit: number,
) {
  const { rows } = await sql<ForkPathRow>`
    select path.rule_id, path.rule_name, path.check_id, path.checked_at, path.file, path.workflow, path.job, path.line,
      path.trigger, path.jobs, path.flow, p.id as project_id, p.name as project_name, f.id as from_id,
      f.name as from_name, f.tier as from_tier, t.runner_class, ${contextColumns},
      array(select x.expression from restriction x where x.context_id = c.id and x.kind = 'expression'
        order by x.created_at, x.id) as expressions
    from (${forkPaths}) path join project p on p.id = path.project_id join segment f on f.id = path.from_id
    left join trust_rule t on t.id = path.rule_id
    join context c on c.id = path.context_id join segment g on g.id = c.segment_id
    where case when path.rule_id is null then ${projectSeen(configs)} else ${projectSeen(rules)} end and ${seen(contexts)}
    order by secrets desc, lower(c.name), lower(path.rule_name), path.rule_id, lower(p.name), path.file, path.line, path.workflow
    limit ${limit}`.execute(db)
  return rows
}

export type UntoldRow = Nullable<ConfigPlace> & { readonly id: string; readonly name: string }

/**
 * Projects with a way to production of which configs do not tell whether a fork gets there: none was ever checked, or the
 * newest leaves it open; then with the first such job.
 */
export async function untoldRows(
  db: Db,
  { configs, contexts }: Pick<ForkReaches, 'configs' | 'contexts'>,
  limit: number,
) {
  const { rows } = await sql<UntoldRow>`
    select distinct on (lower(p.name), p.id) p.id, p.name, u.check_id, u.checked_at, u.file, u.workflow, u.job, u.line,
      u.trigger, case when u.check_id is not null then 1 end as jobs
    from (${productionWays}) way join project p on p.id = way.project_id join context c on c.id = way.context_id
    left join (${configWays}) u on u.project_id = p.id and u.context_id = c.id and not u.certain
    where (u.check_id is not null or not exists (select from pipeline_check k where k.project_id = p.id))
      and ${projectSeen(configs)} and ${seen(contexts)}
    order by lower(p.name), p.id, u.file, u.line, u.job limit ${limit}`.execute(db)
  return rows
}
