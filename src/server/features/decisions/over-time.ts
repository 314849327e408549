import { sql } from 'kysely'
import type { DecisionFilter } from '../../../contract/decisions.ts'
import type { AnswerOf } from '../../../contract/index.ts'
import type { Scope } from '../../http/scope.ts'
import { decisionsWithin } from './service.ts'
import { facetLimit, filtered } from './store.ts'
import type { Reader } from './visible.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
const mostDays = 400

const outcomes = sql`
  coalesce(sum(count) filter (where outcome = 'permitted'), 0)::int as permitted,
  coalesce(sum(count) filter (where outcome = 'would_deny'), 0)::int as would_deny,
  coalesce(sum(count) filter (where outcome = 'denied'), 0)::int as denied,
  coalesce(sum(count) filter (where outcome = 'failed'), 0)::int as failed`

interface Counts {
  permitted: number
  wouldDeny: number
  denied: number
  failed: number
}
const told = ({ permitted, wouldDeny, denied, failed }: Counts) => ({
  permitted,
  would_deny: wouldDeny,
  denied,
  failed,
})

interface Source {
  readonly from: Date
  readonly until: Date
  readonly counted: ReturnType<typeof sql>
  readonly more: boolean
}

/** Sums are kept by the hour for outcome, project and context: whoever sees all of these is answered by them alone. */
function summed(
  reader: Reader,
  { cause, action, actor, policy, from, until }: DecisionFilter,
): boolean {
  const span = Date.parse(until ?? '9999-01-01') - Date.parse(from ?? '0001-01-01')
  return reader.reach.everywhere && !cause && !action && !actor && !policy && span > 6 * hour
}

async function sums(scope: Scope, filter: DecisionFilter): Promise<Source> {
  const { outcome = null, project = null, context = null } = filter
  const counted = sql`
    select hour as at, outcome, count from decision_rollup
    where (${outcome}::text is null or outcome = ${outcome})
      and (${project}::uuid is null or project_id = ${project})
      and (${context}::uuid is null or context_id = ${context})`
  const first = await sql<{ at: Date | null }>`
    select min(at) as at from (${counted}) c`.execute(scope.db)
  const begun = first.rows[0]?.at ?? scope.now
  return { ...rangeOf(scope, filter, begun), counted, more: false }
}

/** What no sums are kept for is counted among the newest, as the facets are. */
async function newest(scope: Scope, reader: Reader, filter: DecisionFilter): Promise<Source> {
  const counted = filtered(scope.db, reader, filter)
    .select(['decision.at', 'decision.outcome', sql<number>`1`.as('count')])
    .orderBy('decision.at', 'desc')
    .orderBy('decision.id', 'desc')
    .limit(facetLimit)
  const { rows } = await sql<{ at: Date | null; n: number }>`
    select min(at) as at, count(*)::int as n from (${counted}) c`.execute(scope.db)
  const [found] = rows
  const range = rangeOf(scope, filter, found?.at ?? scope.now)
  const more = (found?.n ?? 0) === facetLimit
  // Where more came before, the chart begins with what was counted.
  const from = more && found?.at && found.at > range.from ? found.at : range.from
  return { ...range, from, counted: sql`${counted}`, more }
}

function rangeOf({ now }: Scope, filter: DecisionFilter, begun: Date) {
  const until = filter.until ? new Date(filter.until) : now
  const asked = filter.from ? new Date(filter.from) : begun
  const from = new Date(Math.max(asked.getTime(), until.getTime() - mostDays * day))
  return { from: from < until ? from : new Date(until.getTime() - hour), until }
}

const bucketOf = (span: number) =>
  span <= 6 * hour ? 5 * minute : span <= 3 * day ? hour : span <= 14 * day ? 6 * hour : day

export async function timeline(
  scope: Scope,
  reader: Reader,
  filter: DecisionFilter,
): Promise<AnswerOf<'decisions.timeline'>> {
  const source = await (summed(reader, filter)
    ? sums(scope, filter)
    : newest(scope, reader, filter))
  const { from, until, counted, more } = source
  const seconds = bucketOf(until.getTime() - from.getTime()) / 1000
  const bucket = sql`make_interval(secs => ${seconds}::double precision)`
  // Buckets begin at whole hours and days of UTC, as the sums do.
  const { rows } = await sql<Counts & { at: Date }>`
    with counted as (
      select date_bin(${bucket}, at, 'epoch'::timestamptz) as at, ${outcomes} from (${counted}) c
      where at >= date_bin(${bucket}, ${from}::timestamptz, 'epoch'::timestamptz) and at < ${until} group by 1)
    select d.at, coalesce(permitted, 0) as permitted, coalesce(would_deny, 0) as would_deny,
      coalesce(denied, 0) as denied, coalesce(failed, 0) as failed
    from generate_series(date_bin(${bucket}, ${from}::timestamptz, 'epoch'::timestamptz),
      ${until}::timestamptz - interval '1 microsecond', ${bucket}) as d(at)
    left join counted using (at) order by d.at`.execute(scope.db)
  return {
    bucketSeconds: seconds,
    points: rows.map((row) => Object.assign({ at: row.at }, told(row))),
    more,
  }
}

const most = { projects: 40, contexts: 24 } as const
interface Cell extends Counts {
  readonly project: string
  readonly projectName: string
  readonly context: string
  readonly contextName: string
}

/** By the sums of each hour, never by the decisions themselves; the last seven days unless asked otherwise. */
export async function heatmap(
  scope: Scope,
  { reach }: Reader,
  range: { from?: string | undefined; until?: string | undefined },
): Promise<AnswerOf<'decisions.heatmap'>> {
  const until = range.until ? new Date(range.until) : scope.now
  const from = range.from ? new Date(range.from) : new Date(until.getTime() - 7 * day)
  const { rows } = await sql<Cell>`
    select p.id as project, p.name as project_name, c.id as context, c.name as context_name, k.permitted, k.would_deny,
      k.denied, k.failed
    from (select project_id, context_id, ${outcomes} from decision_rollup as decision
      where hour >= date_trunc('hour', ${from}::timestamptz) and hour < ${until}
        and project_id is not null and context_id is not null and ${decisionsWithin(reach)} group by 1, 2) k
    join project p on p.id = k.project_id join context c on c.id = k.context_id`.execute(scope.db)
  const ranked = (of: 'project' | 'context', within: readonly Cell[]) => {
    const totals = new Map<string, { id: string; name: string; count: number }>()
    for (const row of within) {
      const known = totals.get(row[of]) ?? { id: row[of], name: row[`${of}Name`], count: 0 }
      known.count += row.permitted + row.wouldDeny + row.denied + row.failed
      totals.set(row[of], known)
    }
    return [...totals.values()]
      .toSorted((one, other) => other.count - one.count || one.name.localeCompare(other.name))
      .slice(0, most[`${of}s`])
      .map(({ id, name }) => ({ id, name }))
  }
  /** Those rows whose project, or whose context, is among the first. */
  const among = (of: 'project' | 'context', all: readonly { id: string }[], within: Cell[]) => {
    const ids = new Set(all.map(({ id }) => id))
    return within.filter((row) => ids.has(row[of]))
  }
  const projects = ranked('project', rows)
  // The contexts that these projects use: of those of everybody most might be empty here.
  const theirs = among('project', projects, rows)
  const contexts = ranked('context', theirs)
  const inside = among('context', contexts, theirs)
  const sum = (all: readonly Cell[]) =>
    all.reduce((total, row) => total + row.permitted + row.wouldDeny + row.denied + row.failed, 0)
  return {
    from,
    until,
    projects,
    contexts,
    cells: inside.map(({ project, context, ...counts }) =>
      Object.assign({ project, context }, told(counts)),
    ),
    others: sum(rows) - sum(inside),
  }
}
