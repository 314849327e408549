import type { Outcome } from '../src/contract/decisions.ts'
import { newId } from '../src/server/db/new-id.ts'
import { emitAll } from '../src/server/ledger/emit.ts'
import type { openBench } from './world.ts'

const verbs = ['create', 'update', 'remove', 'view', 'list', 'revoke']
const nouns = ['contexts', 'grants', 'policies', 'secrets', 'roles', 'people', 'sessions']
const pick = <T>(from: readonly T[], at: number) => from[at % from.length] as T

const outcomeOf = (n: number): Outcome =>
  n % 50 === 0 ? 'denied' : n % 97 === 0 ? 'would_deny' : 'permitted'

/** Events of people, of ninety days, sealed; says how quickly. */
export async function fillRecord(
  bench: Awaited<ReturnType<typeof openBench>>,
  total: number,
  now: number,
): Promise<void> {
  const began = performance.now()
  for (let from = 0; from < total; from += 5_000) {
    const events = Array.from({ length: Math.min(5_000, total - from) }, (_, offset) => {
      // Scrambled, so that values do not follow each other in order.
      const n = Math.imul(from + offset, 2_654_435_761) >>> 0
      const at = new Date(now - ((total - from - offset) / total) * 90 * 86_400_000)
      const event = {
        actor: {
          kind: 'person',
          id: `person-${n % 60}`,
          name: `Person ${n % 60}`,
          session: `s${n % 9_000}`,
        },
        action: `${pick(nouns, n >>> 3)}.${pick(verbs, n >>> 6)}`,
        outcome: outcomeOf(n),
        resource: { kind: pick(nouns, n >>> 3), id: `r${n % 5_000}`, name: `Thing ${n % 5_000}` },
        project: `project-${n % 40}`,
        context: `context-${n % 30}`,
        ip: `192.0.2.${n % 200}`,
        requestId: newId(),
      }
      return { event, at }
    })
    await emitAll(bench.app, events)
  }
  await bench.ledger.settle()
  console.log(
    `${total} events sealed: ${Math.round(total / ((performance.now() - began) / 1000))}/s with their making`,
  )
}
