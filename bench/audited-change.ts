// node bench/audited-change.ts: a change (transaction, decision, event) as a multiple of a bare insert, and how long until it is signed.
import { sql } from 'kysely'
import { permissions } from '../src/contract/permissions.ts'
import { newId } from '../src/server/db/new-id.ts'
import { inTransaction } from '../src/server/db/transaction.ts'
import { createDecider } from '../src/server/decision/decide.ts'
import { noPolicies } from '../src/server/decision/policy-judge.ts'
import { emit } from '../src/server/ledger/emit.ts'
import { openBench, quantile } from './world.ts'

await using bench = await openBench()
await sql`create table bare (id uuid primary key, name text not null)`.execute(bench.owner)
await sql`create table watched (id uuid primary key, name text not null)`.execute(bench.owner)
await sql`select exempt('bare', 'the floor of this benchmark'), audited('watched')`.execute(
  bench.owner,
)
const decider = createDecider({ policies: noPolicies })
const actor = {
  kind: 'person' as const,
  id: newId(),
  name: 'Ada Okafor',
  teams: [],
  grants: [
    {
      id: newId(),
      roleId: newId(),
      roleName: 'Security admin',
      permissions: new Set(permissions),
      scope: { kind: 'organization' as const, name: 'the organization' },
      via: { kind: 'person' as const, id: 'x', name: 'x' },
    },
  ],
}
const written: { id: string; at: number }[] = []

const bare = () => sql`insert into bare values (${newId()}, 'one')`.execute(bench.app)
const change = async () => {
  const eventId = await inTransaction(
    bench.app,
    { readOnly: false, eager: true },
    async (tx, transaction) => {
      const id = newId()
      const resource = { kind: 'context' as const, id, name: 'one', within: {} }
      const decision = decider.decide({ actor, action: 'context:create', resource })
      if (decision.outcome !== 'permitted') throw new Error(decision.sentence)
      await sql`insert into watched values (${id}, 'one')`.execute(tx)
      return emit(transaction, {
        actor: { kind: 'person', id: actor.id, name: actor.name },
        action: 'contexts.create',
        outcome: 'permitted',
        resource: { kind: 'context', id, name: 'one' },
        after: { name: 'one' },
      })
    },
  )
  written.push({ id: eventId, at: performance.timeOrigin + performance.now() })
}

const sliceMs = 750

async function perSecond(clients: number, work: () => Promise<unknown>): Promise<number> {
  const until = performance.now() + sliceMs
  let done = 0
  const client = async () => {
    while (performance.now() < until) {
      await work()
      done += 1
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return (done * 1000) / sliceMs
}

/** Until everything is in a signed checkpoint, in the ledger's own time. */
async function quiet(): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ quiet: boolean }>`
      select tree_size = last_signed_size and not exists (select from audit_queue) as quiet from log_state`.execute(
      bench.owner,
    )
    if (rows[0]?.quiet) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

for (const clients of [1, 16]) {
  // In turns, so that a busy machine is unfair to neither. Changes are put in order and signed while they are made; what is
  // left of that is waited for, so that it is not done at the cost of the next bare inserts.
  const rounds: [number, number][] = []
  for (let round = 0; round < 15; round++) {
    rounds.push([await perSecond(clients, bare), await perSecond(clients, change)])
    await quiet()
  }
  const ratios = rounds.map(([floor, cost]) => floor / cost)
  const middle = (of: 0 | 1) =>
    Math.round(
      quantile(
        rounds.map((round) => round[of]),
        0.5,
      ),
    )
  const [least, most] = [quantile(ratios, 0), quantile(ratios, 1)]
  console.log(
    `${clients} client(s): bare ${middle(0)}/s, audited change ${middle(1)}/s = ${quantile(ratios, 0.5).toFixed(2)}× (${least.toFixed(2)} to ${most.toFixed(2)} over ${rounds.length} rounds; goal ≤ 3×)`,
  )
}
await bench.ledger.settle()
const { rows } = await sql<{ id: string; at: Date }>`
  select e.event_id as id, (select min(c.created_at) from audit_checkpoint c where c.tree_size > e.leaf_index) as at
  from audit_entry e`.execute(bench.owner)
const signedAt = new Map(rows.map(({ id, at }) => [id, at.getTime()]))
const waits = written.map(({ id, at }) => (signedAt.get(id) ?? Number.POSITIVE_INFINITY) - at)
console.log(
  `to a signed checkpoint: median ${Math.round(quantile(waits, 0.5))} ms, 99th percentile ${Math.round(quantile(waits, 0.99))} ms (goal ≤ 2000 ms) of ${waits.length}`,
)
