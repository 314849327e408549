import type { Db } from '../db/connect.ts'
import { inTransaction } from '../db/transaction.ts'
import { emit } from '../ledger/emit.ts'
import type { World } from './world.ts'

/** The world before the story: what nobody did at the door, with the event without which nothing changes. */
export const below = (world: World, work: (db: Db) => Promise<unknown>): Promise<void> =>
  inTransaction(world.app.db, { readOnly: false }, async (db, transaction) => {
    await work(db)
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'test' },
      action: 'test.set',
      outcome: 'permitted',
    })
  })
