// node bench/audit-list.ts [events]: the first page under each filter, and the timeline, as multiples of a page by primary key.
import { sql } from 'kysely'
import { newId } from '../src/server/db/new-id.ts'
import { readSearch } from '../src/server/features/audit/search.ts'
import { countFacets, listEvents, timeline } from '../src/server/features/audit/store.ts'
import { canonical } from '../src/server/ledger/canonical.ts'
import { median, openBench } from './world.ts'

const total = Number(process.argv[2] ?? 1_000_000)
const everywhere = { everywhere: true, segments: [], projects: [], contexts: [] }
const verbs = ['create', 'update', 'remove', 'view', 'list', 'revoke']
const nouns = ['contexts', 'grants', 'policies', 'secrets', 'roles', 'people', 'sessions']
const pick = <T>(from: readonly T[], at: number) => from[at % from.length] as T

await using bench = await openBench()
const now = Date.now()
const began = performance.now()
for (let at = 0; at < total; at += 5_000) {
  const events = Array.from({ length: Math.min(5_000, total - at) }, (_, offset) => {
    // Scrambled, so that values do not follow each other in order.
    const n = Math.imul(at + offset, 2_654_435_761) >>> 0
    const eventId = newId()
    const occurredAt = new Date(now - ((total - at - offset) / total) * 90 * 86_400_000)
    const leaf = canonical({
      v: 1,
      eventId,
      occurredAt,
      actor: {
        kind: 'person',
        id: `person-${n % 60}`,
        name: `Person ${n % 60}`,
        session: `s${n % 9_000}`,
      },
      action: `${pick(nouns, n >>> 3)}.${pick(verbs, n >>> 6)}`,
      outcome: n % 50 === 0 ? 'denied' : n % 97 === 0 ? 'would_deny' : 'permitted',
      resource: { kind: pick(nouns, n >>> 3), id: `r${n % 5_000}`, name: `Thing ${n % 5_000}` },
      project: `project-${n % 40}`,
      context: `context-${n % 30}`,
      ip: `192.0.2.${n % 200}`,
      requestId: eventId,
    })
    return { event_id: eventId, occurred_at: occurredAt, leaf }
  })
  await sql`insert into audit_queue (event_id, occurred_at, leaf)
    select event_id, occurred_at, convert_to(leaf, 'UTF8') from json_to_recordset(${JSON.stringify(events)}::json)
      as e(event_id uuid, occurred_at timestamptz, leaf text)`.execute(bench.app)
}
await bench.ledger.settle()
console.log(
  `${total} events sealed: ${Math.round(total / ((performance.now() - began) / 1000))}/s with their making`,
)
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
