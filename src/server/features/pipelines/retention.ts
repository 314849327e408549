import { sql } from 'kysely'
import { configTextDays } from '../../../contract/config-limits.ts'
import type { Database } from '../../db/connect.ts'
import { untilDone } from '../../db/transaction.ts'
import { emit, sallyport } from '../../ledger/emit.ts'

/** Texts that one event tells of. */
const most = 500

/**
 * Forgets the text of each config that was not checked for `configTextDays`; what was decided on it stays, with its facts
 * and its digest. Each is forgotten once, by whichever server comes first, and the event names its digest.
 */
export async function forgetConfigs(database: Database): Promise<void> {
  await untilDone(database, async (db, transaction) => {
    const { rows } = await sql<{ digest: string }>`
        with due as (
          select digest from pipeline_config config
          where text is not null and not exists (
            select from pipeline_check checked
            where checked.digest = config.digest and checked.at > ${transaction.now}::timestamptz - ${configTextDays} * interval '1 day')
          order by digest limit ${most} for update skip locked)
        update pipeline_config set text = null, forgotten_at = ${transaction.now} from due
        where pipeline_config.digest = due.digest
        returning encode(pipeline_config.digest, 'hex') as digest`.execute(db)
    if (rows.length > 0) {
      emit(transaction, {
        actor: sallyport,
        action: 'pipelines.forget',
        outcome: 'permitted',
        detail: { unusedForDays: configTextDays, digests: rows.map(({ digest }) => digest) },
      })
    }
    return rows.length === most
  })
}
