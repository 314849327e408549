import type { Database } from '../../db/connect.ts'
import { inTransaction } from '../../db/transaction.ts'
import { emit } from '../../ledger/emit.ts'
import { exportResource } from './resource.ts'
import { expireExport, takeExpired } from './store.ts'

/** Deletes the files whose week is over, each with its event; on several servers at once each once. */
export async function expireExports(db: Database): Promise<void> {
  for (let more = true; more;) {
    more = await inTransaction(db, { readOnly: false }, async (tx, transaction) => {
      const rows = await takeExpired(tx)
      for (const row of rows) {
        await expireExport(tx, row.id)
        emit(transaction, {
          actor: { kind: 'system', id: 'sallyport', name: 'Sallyport' },
          action: 'exports.expire',
          outcome: 'permitted',
          resource: exportResource(row),
          detail: { what: row.what, format: row.format, bytes: row.bytes },
        })
      }
      return rows.length > 0
    })
  }
}
