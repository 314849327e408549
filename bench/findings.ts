// node bench/findings.ts [scale]: everything looked at in a large organization, once when all is new and once when nothing is; and what one change costs, as a multiple of a read by primary key.
import { sql } from 'kysely'
import { connect } from '../src/server/db/connect.ts'
import { inTransaction } from '../src/server/db/transaction.ts'
import { createFindingRunner } from '../src/server/features/findings/runner.ts'
import { emit } from '../src/server/ledger/emit.ts'
import { furnishOrganization, sizesOf } from './large-organization.ts'
import { median, openBench, quantile } from './world.ts'

const scale = Number(process.argv[2] ?? 1)
const sizes = sizesOf(scale)
const { people, teams, grants, contexts, projects, decisions } = sizes

await using bench = await openBench()
await furnishOrganization(bench.owner, sizes)
console.log(
  `${people} people, ${teams} teams, ${grants} grants, ${contexts} contexts, ${projects} projects, ${decisions} decisions`,
)

const pool = connect(bench.url, { role: 'sallyport_app', max: 2, statementTimeoutMs: 60_000 })
const runner = createFindingRunner({ db: pool, onError: (error) => console.error(error) })
let rss = process.memoryUsage().rss
const watching = setInterval(() => {
  rss = Math.max(rss, process.memoryUsage().rss)
}, 20)
const seconds = async (work: () => Promise<unknown>) => {
  const began = performance.now()
  await work()
  return ((performance.now() - began) / 1_000).toFixed(1)
}
const first = await seconds(() => runner.look({ all: true }))
const { rows } = await sql<{ n: number; kinds: number }>`
  select count(*)::int as n, count(distinct detection)::int as kinds from finding`.execute(
  bench.app,
)
console.log(
  `everything, all of it new: ${first} s; ${rows[0]?.n} findings of ${rows[0]?.kinds} kinds opened, each with its event (goal ≤ 60 s)`,
)
await bench.ledger.settle()
// As the database does by itself within a minute of such a change.
await sql`analyze finding, finding_evidence`.execute(bench.owner)
console.log(
  `everything, nothing new: ${await seconds(() => runner.look({ all: true }))} s (goal ≤ 60 s)`,
)
clearInterval(watching)
console.log(`memory at most ${Math.round(rss / 1024 / 1024)} MiB (goal ≤ 512)`)

const some = await bench.app.selectFrom('accessGrant').select('id').limit(40).execute()
const floor = await median(101, () =>
  bench.app
    .selectFrom('accessGrant')
    .selectAll()
    .where('id', '=', some[0]?.id ?? '')
    .execute(),
)
const times: number[] = []
for (const { id: grantId } of some) {
  await inTransaction(bench.app, { readOnly: false }, async (db, transaction) => {
    await sql`update access_grant set expires_at = now() + interval '7 days' where id = ${grantId}`.execute(
      db,
    )
    emit(transaction, {
      actor: { kind: 'system', id: 'bench', name: 'bench' },
      action: 'grants.update',
      outcome: 'permitted',
      resource: { kind: 'grant', id: grantId, name: 'a grant' },
    })
  })
  await bench.ledger.settle()
  const began = performance.now()
  await runner.look()
  times.push(performance.now() - began)
}
const time = quantile(times, 0.5)
console.log(
  `after one change of a grant: ${time.toFixed(1)} ms = ${(time / floor).toFixed(0)}× a read by primary key of ${floor.toFixed(2)} ms (goal ≤ 100×)`,
)
await runner.close()
await pool.destroy()
