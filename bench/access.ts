// node bench/access.ts [scale]: the effective access of one person in a large organization, and what they reach, as multiples of a read by primary key; and of everybody, with memory.
import { sql } from 'kysely'
import type { Reach } from '../src/server/decision/types.ts'
import { loadActor } from '../src/server/decision/load-actor.ts'
import { liveGrantsOf } from '../src/server/features/grants/service.ts'
import { peopleReach } from '../src/server/features/reach/everybody.ts'
import { ofPerson } from '../src/server/features/reach/person.ts'
import { furnishOrganization, sizesOf } from './large-organization.ts'
import { openBench, quantile } from './world.ts'

const sizes = { ...sizesOf(Number(process.argv[2] ?? 1)), decisions: 20_000 }
await using bench = await openBench()
await furnishOrganization(bench.owner, sizes)
// Of every ten grants three are held on a segment, two on a context, and of every five hundred one everywhere.
await bench.owner.connection().execute(async (db) => {
  await sql`set session_replication_role = replica`.execute(db)
  // Some are then the same twice, which changes nothing here.
  await sql`drop index access_grant_live_key`.execute(db)
  await sql`
    with numbered as (select id, row_number() over (order by id) as n from access_grant),
    placed as (select n.id, case when n.n % 500 = 0 then 'organization' when n.n % 10 < 3 then 'segment'
      when n.n % 10 < 5 then 'context' end as kind, s.id as segment, c.id as context
      from numbered n
      left join (select id, row_number() over (order by id) as at from segment) s on s.at = 1 + n.n % 40
      left join (select id, row_number() over (order by id) as at from context) c on c.at = 1 + n.n % ${sizes.contexts})
    update access_grant g set scope_kind = p.kind, project_id = null, scope_name = case p.kind when 'organization' then null else p.kind end,
      segment_id = case p.kind when 'segment' then p.segment end, context_id = case p.kind when 'context' then p.context end
    from placed p where p.id = g.id and p.kind is not null`.execute(db)
  await sql`set session_replication_role = default`.execute(db)
  await sql`vacuum analyze access_grant`.execute(db)
})
const { people, teams, grants, contexts } = sizes
console.log(`${people} people, ${teams} teams, ${grants} grants, ${contexts} contexts`)

const { app } = bench
const everywhere: Reach = { everywhere: true, segments: [], projects: [], contexts: [] }
const some = await sql<{
  id: string
}>`select id from person order by md5(id::text) limit 200`.execute(app)
/** Beside each a read by primary key, so that both meet the same machine. */
async function ofSome(work: (personId: string) => Promise<unknown>): Promise<string> {
  const times: number[] = []
  const floors: number[] = []
  const timed = async (into: number[], run: () => Promise<unknown>) => {
    const began = performance.now()
    await run()
    into.push(performance.now() - began)
  }
  for (const { id } of some.rows) {
    await timed(floors, () =>
      app.selectFrom('accessGrant').selectAll().where('id', '=', id).execute(),
    )
    await timed(times, () => work(id))
  }
  const [floor, middle] = [quantile(floors, 0.5), quantile(times, 0.5)]
  return `${(middle / floor).toFixed(0)}× a read by primary key of ${floor.toFixed(2)} ms`
}
const now = new Date()
console.log(
  `what a request loads of who asks: ${await ofSome((id) => loadActor(app, id))} (goal ≤ 50×)`,
)
console.log(
  `effective access of one person, each with its path: ${await ofSome((id) => liveGrantsOf(app, everywhere, id, now))} (goal ≤ 50×)`,
)
const scope = { db: app, now, reach: () => everywhere }
console.log(
  `what one person reaches, by which way, beside what they used: ${await ofSome((personId) => ofPerson(scope, { personId }))}`,
)

global.gc?.()
const before = process.memoryUsage().rss
const began = performance.now()
const everyone = { grants: everywhere, contexts: everywhere }
const many = (await peopleReach(app, everyone, 1_000_000, undefined)).length
const most = process.memoryUsage().rss
const seconds = (performance.now() - began) / 1_000
console.log(
  `of everybody, ${many} people: ${seconds.toFixed(1)} s (goal ≤ 10 s), ${Math.round((most - before) / 1024 / 1024)} MiB more than before`,
)
