import { sql } from 'kysely'
import { newId } from '../src/server/db/new-id.ts'
import { canonical } from '../src/server/ledger/canonical.ts'
import type { openBench } from './world.ts'

const verbs = ['create', 'update', 'remove', 'view', 'list', 'revoke']
const nouns = ['contexts', 'grants', 'policies', 'secrets', 'roles', 'people', 'sessions']
const pick = <T>(from: readonly T[], at: number) => from[at % from.length] as T

/** Events of ninety days, sealed; says how quickly. */
export async function fillRecord(
  bench: Awaited<ReturnType<typeof openBench>>,
  total: number,
  now: number,
): Promise<void> {
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
}
