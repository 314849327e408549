import type { Database } from '../../db/connect.ts'
import { untilDone } from '../../db/transaction.ts'
import { emit, sallyport } from '../../ledger/emit.ts'
import { exportResource } from './resource.ts'
import { expireExport, takeExpired } from './store.ts'

/** Deletes the files whose week is over, each with its event; on several servers at once each once. */
export async function expireExports(db: Database): Promise<void> {
  await untilDone(db, async (tx, transaction) => {
    const rows = await takeExpired(tx)
    for (const row of rows) {
      await expireExport(tx, row.id)
      emit(transaction, {
        actor: sallyport,
        action: 'exports.expire',
        outcome: 'permitted',
        resource: exportResource(row),
        detail: { what: row.what, format: row.format, bytes: row.bytes },
      })
    }
    return rows.length > 0
  })
}
