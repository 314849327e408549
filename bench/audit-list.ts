// node bench/audit-list.ts [events]: the first page under each filter, and the timeline, as multiples of a page by primary key.
import { sql } from 'kysely'
import { readSearch } from '../src/server/features/audit/search.ts'
import { countFacets, listEvents, timeline } from '../src/server/features/audit/store.ts'
import { fillRecord } from './events.ts'
import { median, openBench } from './world.ts'

const total = Number(process.argv[2] ?? 1_000_000)
const everywhere = { everywhere: true, segments: [], projects: [], contexts: [] }
await using bench = await openBench()
const now = Date.now()
await fillRecord(bench, total, now)
await sql`vacuum analyze audit_entry`.execute(bench.owner)
await sql`vacuum analyze audit_rollup`.execute(bench.owner)
await sql`vacuum analyze audit_value`.execute(bench.owner)

const none = await readSearch(bench.app, {}, everywhere)
const floor = await median(31, () => listEvents(bench.app, none, undefined, 51))
console.log(`a page by primary key: ${floor.toFixed(2)} ms = 1×`)
const ratio = (time: number) => `${time.toFixed(2)} ms = ${(time / floor).toFixed(1)}×`
const day = new Date(now - 45 * 86_400_000).toISOString()
const filters = [
  'actor:person-7',
  'actor:person',
  'action:contexts.update',
  'action:contexts.*',
  'noun:grants',
  'outcome:denied',
  'outcome:would_deny',
  'kind:roles',
  'resource:"Thing 77"',
  'project:project-3',
  'context:context-3',
  'session:s77',
  'ip:192.0.2.7',
  'request:none',
  '"thing 12"',
]
let worst = 0
for (const search of [...filters.map((q) => ({ q })), { until: day }]) {
  const time = await median(15, async () =>
    listEvents(bench.app, await readSearch(bench.app, search, everywhere), undefined, 51),
  )
  worst = Math.max(worst, time / floor)
  console.log(`  ${JSON.stringify(search).padEnd(44)} ${ratio(time)}`)
}
console.log(`worst first page ${worst.toFixed(1)}× (goal ≤ 5×)`)
worst = 0
for (const search of [{}, ...filters.slice(0, 6).map((q) => ({ q })), { until: day }]) {
  const time = await median(9, async () =>
    timeline(bench.app, await readSearch(bench.app, search, everywhere), new Date(now)),
  )
  worst = Math.max(worst, time / floor)
  console.log(`  timeline ${JSON.stringify(search).padEnd(35)} ${ratio(time)}`)
}
console.log(`worst timeline ${worst.toFixed(1)}× (goal ≤ 10×)`)
console.log(`facets of everything ${ratio(await median(9, () => countFacets(bench.app, none)))}`)
