// node bench/dashboards.ts [events]: the data of each chart of the risk dashboards and of the compliance page over a million events and decisions, as multiples of a page by primary key.
import { sql } from 'kysely'
import { readConfig } from '../src/server/config.ts'
import { connect } from '../src/server/db/connect.ts'
import { inTransaction } from '../src/server/db/transaction.ts'
import { checks } from '../src/server/features/compliance/catalogue.ts'
import { askAll } from '../src/server/features/compliance/judge.ts'
import { createFindingRunner } from '../src/server/features/findings/runner.ts'
import {
  findingHeat,
  scoresBetween,
  seenBy,
  turnsBetween,
} from '../src/server/features/findings/service.ts'
import { daysOf } from '../src/server/features/risk/range.ts'
import { keepReach } from '../src/server/features/risk/reach.ts'
import * as charts from '../src/server/features/risk/store.ts'
import { publishVerifierKey, signingKeyFrom } from '../src/server/ledger/signing-key.ts'
import { readSearch } from '../src/server/features/audit/search.ts'
import { listEvents } from '../src/server/features/audit/store.ts'
import { fillRecord } from './events.ts'
import { median, openBench } from './world.ts'

const total = Number(process.argv[2] ?? 1_000_000)
const [people, projects, contexts, grants] = [2_000, 200, 500, 5_000]
const id = (kind: string, n: string) => sql.raw(`md5('${kind}' || (${n}))::uuid`)
const series = (count: number) => sql.raw(`generate_series(1, ${count}) n`)
const ago = (days: string) => sql.raw(`now() - make_interval(days => (${days})::int)`)
const everywhere = { everywhere: true, segments: [], projects: [], contexts: [] }

await using bench = await openBench()
await bench.owner.connection().execute(async (db) => {
  // Built below the door: what is measured is the reading.
  const run = (statement: ReturnType<typeof sql>) => statement.execute(db)
  await run(sql`set session_replication_role = replica`)
  await run(sql`insert into person (id, email, name, source, created_at, last_seen_at)
    select ${id('person', 'n')}, 'p' || n || '@meridian.example', 'Person ' || n, 'import', ${ago('400')}, ${ago('n % 120')} from ${series(people)}`)
  await run(sql`insert into segment (id, name, tier, cidrs) select ${id('segment', 'n')}, 'Segment ' || n,
    case n % 4 when 0 then 'production' else 'build' end, '{10.0.0.0/8}' from generate_series(1, 12) n`)
  await run(sql`insert into project (id, name, slug, provider, repository, segment_id, created_at)
    select ${id('project', 'n')}, 'project-' || n, 'meridian/project-' || n, 'circleci', 'github.com/meridian/p' || n,
      ${id('segment', '1 + n % 12')}, ${ago('n % 60')} from ${series(projects)}`)
  await run(sql`insert into context (id, name, segment_id) select ${id('context', 'n')}, 'context-' || n,
    ${id('segment', '1 + n % 12')} from ${series(contexts)}`)
  await run(sql`insert into secret (id, context_id, name, current_version, token, fingerprint, updated_at, last_used_at)
    select ${id('secret', 'n')}, ${id('context', `1 + n % ${contexts}`)}, 'SECRET_' || n, 1, 'sp_tok_' || n,
      decode(md5(n::text), 'hex'), ${ago('n % 500')}, ${ago('n % 40')} from ${series(contexts * 6)}`)
  await run(sql`insert into restriction (id, context_id, kind, project_id)
    select ${id('restriction', 'n')}, ${id('context', `1 + n % ${contexts}`)}, 'project', ${id('project', `1 + (n * 7) % ${projects}`)}
    from ${series(contexts * 3)} on conflict do nothing`)
  await run(sql`insert into access_grant (id, role_id, subject_kind, person_id, scope_kind, scope_name, granted_by, granted_at, expires_at, ended_at)
    select ${id('grant', 'n')}, ('00000000-0000-7000-8000-00000000000' || case when n % 4 = 0 then 2 else 4 end)::uuid,
      'person', ${id('person', `1 + n % ${people}`)}, 'organization', 'organization', ${id('person', '1')}, ${ago('n % 300')},
      case when n % 3 <> 0 then ${ago('n % 300 - 90')} end, case when n % 5 = 0 then ${ago('n % 200')} end
    from ${series(grants)} on conflict do nothing`)
  await run(sql`insert into access_request (id, requester_id, role_id, role_name, scope_kind, scope_name, reason, duration_minutes, state, answer_by, created_at, decided_at)
    select ${id('request', 'n')}, ${id('person', `1 + n % ${people}`)}, '00000000-0000-7000-8000-000000000004', 'Developer', 'organization',
      'the organization', 'x', 60, case when n % 9 = 0 then 'lapsed' else 'denied' end, ${ago('n % 200')}, ${ago('n % 200')}, ${ago('n % 200')} + interval '1 hour'
    from ${series(5_000)}`)
  await run(sql`insert into decision (id, at, actor_kind, actor_id, actor_name, action, resource_kind, resource_id, resource_name,
      project_id, context_id, outcome, cause, layers, sentence)
    select ${id('decision', 'n')}, now() - make_interval(secs => n * 7.7), 'workload', 'w' || n % 5000, 'a run', 'context:use', 'context',
      ${id('context', `1 + n % ${contexts}`)}, 'context', ${id('project', `1 + (n * 3) % ${projects}`)}, ${id('context', `1 + n % ${contexts}`)},
      case when n % 20 = 0 then 'denied' else 'permitted' end, case when n % 20 = 0 then (array['restriction', 'policy', 'grant'])[1 + n % 3] end,
      '[{"layer":"grant","verdict":"permitted","because":[{"name":"a grant"}]}]', 'A sentence.' from ${series(total)}`)
  await run(sql`insert into refusal_day (day, cause, project_id, context_id, slot, count)
    select (at at time zone 'UTC')::date, cause, project_id, context_id, 0, count(*) from decision where outcome = 'denied' group by 1, 2, 3, 4`)
  await run(sql`insert into score_day select (now() - make_interval(days => n))::date, '00000000-0000-0000-0000-000000000000', 60 + n % 30
    from generate_series(1, 365) n`)
  await run(sql`set session_replication_role = default`)
})
await fillRecord(bench, total, Date.now())
const pool = connect(bench.url, { role: 'sallyport_app', max: 2, statementTimeoutMs: 60_000 })
const runner = createFindingRunner({ db: pool, onError: (error) => console.error(error) })
await runner.look({ all: true })
await keepReach(pool)
await bench.ledger.settle()
await sql`vacuum analyze`.execute(bench.owner)
const { n } = (await bench.app
  .selectFrom('finding')
  .select(({ fn }) => fn.countAll<number>().as('n'))
  .executeTakeFirst()) ?? { n: 0 }
console.log(
  `${total} events, ${total} decisions, ${people} people, ${grants} grants, ${contexts} contexts, ${projects} projects, ${n} findings`,
)

const none = await readSearch(bench.app, {}, everywhere)
const floor = await median(31, () => listEvents(bench.app, none, undefined, 51))
console.log(`a page by primary key: ${floor.toFixed(2)} ms = 1×`)
const now = new Date()
const range = daysOf({}, now)
const year = daysOf({ from: new Date(now.getTime() - 365 * 86_400_000).toISOString() }, now)
const kinds = Object.keys(seenBy) as (keyof typeof seenBy)[]
const known = { findings: everywhere, subjects: new Map(kinds.map((kind) => [kind, everywhere])) }
const { app } = bench
const everything = { kind: 'organization' } as const
const asked: Readonly<Record<string, () => Promise<unknown>>> = {
  'posture: scores': () => scoresBetween(app, everything, range.beforeFrom, range.until),
  'posture: what moved it': () => turnsBetween(app, known, everything, range, 51),
  'heat map': () => findingHeat(app, known, { end: now, before: range.from }),
  'secrets by age': () => charts.secretsByAge(app, everywhere, now),
  'secrets most exposed': () => charts.mostExposed(app, everywhere, now),
  privileged: () => charts.privilegedByDay(app, everywhere, range),
  'privileged, a year': () => charts.privilegedByDay(app, everywhere, year),
  refusals: () => charts.refusalsByDay(app, everywhere, range),
  'refusals, a year': () => charts.refusalsByDay(app, everywhere, year),
  requests: () => charts.requestsByDay(app, everywhere, range),
  'requests: health': () => charts.requestHealth(app, everywhere, range.from, range.until),
  reviews: () => charts.reviewsByDay(app, everywhere, range),
  'requests: open': () => charts.openRequests(app, everywhere, now),
}
let worst = 0
for (const [name, ask] of Object.entries(asked)) {
  const time = await median(15, ask)
  worst = Math.max(worst, time / floor)
  console.log(`  ${name.padEnd(28)} ${time.toFixed(2)} ms = ${(time / floor).toFixed(1)}×`)
}
console.log(`worst chart ${worst.toFixed(1)}× (goal ≤ 20×)`)

const config = readConfig({ SALLYPORT_DATA: '/tmp/sallyport-bench-compliance' })
await publishVerifierKey(config.dataDir, 'bench.example/log', signingKeyFrom(Buffer.alloc(32, 1)))
const setting = { now, config }
const each = new Map<string, number>()
for (const check of checks) {
  each.set(check.id, await median(3, () => check.ask(app, setting)))
}
const all = await median(5, () =>
  inTransaction(app, { readOnly: true }, (db) => askAll(db, checks, setting)),
)
const slowest = [...each].toSorted(([, one], [, other]) => other - one).slice(0, 6)
console.log(
  `every check of every control: ${all.toFixed(0)} ms = ${(all / floor).toFixed(0)}×; the slowest ${slowest.map(([name, time]) => `${name} ${time.toFixed(1)} ms`).join(', ')}`,
)
await runner.close()
await pool.destroy()
