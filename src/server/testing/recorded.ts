import { inTransaction } from '../db/transaction.ts'
import { recordDecisions, type DecisionRecord } from '../decision/record-decision.ts'
import { emit } from '../ledger/emit.ts'
import type { World } from './world.ts'

/** Decisions of the past, recorded below the door: the world before the story begins. */
export async function recordPast(
  world: World,
  records: readonly (DecisionRecord & { readonly at: Date })[],
): Promise<void> {
  await inTransaction(world.app.db, { readOnly: false }, async (db, transaction) => {
    await recordDecisions(db, records)
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'test' },
      action: 'leases.exchange',
      outcome: 'permitted',
    })
  })
}
