import { sql } from 'kysely'
import type { Database } from '../../db/connect.ts'
import { untilDone } from '../../db/transaction.ts'
import { emit, sallyport } from '../../ledger/emit.ts'

/** Those that one transaction writes down. */
const most = 200

interface Passed {
  readonly id: string
  readonly state: 'lapsed' | 'expired'
  readonly projectName: string
  readonly contextName: string
  readonly ref: string
}

/**
 * Writes down what the clock did with exceptions: lapsed, expired. It is true without being written; written, it is an
 * event, once, by whichever server comes first.
 */
export async function keepExceptionsTime(database: Database): Promise<void> {
  await untilDone(database, async (db, transaction) => {
    const { rows } = await sql<Passed>`
        with due as (
          select id from use_exception
          where (state = 'pending' and answer_by <= ${transaction.now})
            or (state = 'approved' and expires_at <= ${transaction.now})
          order by id limit ${most} for update skip locked)
        update use_exception e
        set state = case e.state when 'pending' then 'lapsed' else 'expired' end, version = e.version + 1
        from due where e.id = due.id
        returning e.id, e.state, e.project_name as "projectName", e.context_name as "contextName",
          coalesce(e.branch, e.tag) as ref`.execute(db)
    for (const { id, state, projectName, contextName, ref } of rows) {
      emit(transaction, {
        actor: sallyport,
        action: state === 'lapsed' ? 'exceptions.lapse' : 'exceptions.expire',
        outcome: 'permitted',
        resource: { kind: 'exception', id, name: `${projectName} on ${ref} in ${contextName}` },
        after: { state },
      })
    }
    return rows.length === most
  })
}
