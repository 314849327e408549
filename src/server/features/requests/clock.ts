import type { Database } from '../../db/connect.ts'
import { type Transaction, untilDone } from '../../db/transaction.ts'
import { emit, sallyport } from '../../ledger/emit.ts'

const most = 200

interface Passed {
  readonly id: string
  readonly roleName: string
  readonly scopeName: string
  readonly requesterName: string
}

function tell(transaction: Transaction, row: Passed, action: string, after: object): void {
  emit(transaction, {
    actor: sallyport,
    action,
    outcome: 'permitted',
    resource: {
      kind: 'request',
      id: row.id,
      name: `${row.roleName} in ${row.scopeName} for ${row.requesterName}`,
    },
    after,
  })
}

/**
 * Writes down what the clock did with requests: lapsed, access began later than it was approved, access ended. It is true
 * without being written; written, it is an event, once, by whichever server comes first.
 */
export async function keepRequestsTime(db: Database): Promise<void> {
  await untilDone(db, async (tx, transaction) => {
    const { now } = transaction
    const due = () =>
      tx
        .selectFrom('accessRequest as r')
        .innerJoin('person as p', 'p.id', 'r.requesterId')
        .select(['r.id', 'r.roleName', 'r.scopeName', 'p.name as requesterName'])
        .orderBy('r.id')
        .limit(most)
        .forUpdate('r')
        .skipLocked()
    const lapsed = await due()
      .where('r.state', 'in', ['pending', 'asked_back'])
      .where('r.answerBy', '<=', now)
      .execute()
    for (const row of lapsed) {
      await tx
        .updateTable('accessRequest')
        .set((set) => ({
          state: 'lapsed',
          decidedAt: set.ref('answerBy'),
          version: set('version', '+', 1),
        }))
        .where('id', '=', row.id)
        .execute()
      tell(transaction, row, 'requests.lapse', { state: 'lapsed' })
    }
    const granted = () =>
      due()
        .innerJoin('accessGrant as g', 'g.id', 'r.grantId')
        .select(['g.id as grantId', 'g.expiresAt', 'g.endedAt'])
        .where('r.state', '=', 'approved')
        .where('r.closedAt', 'is', null)
    const begun = await granted()
      .where('r.begunAt', 'is', null)
      .where('g.startsAt', '<=', now)
      .where((w) => w.or([w('g.endedAt', 'is', null), w('g.endedAt', '>', w.ref('g.startsAt'))]))
      .execute()
    for (const row of begun) {
      await tx.updateTable('accessRequest').set({ begunAt: now }).where('id', '=', row.id).execute()
      tell(transaction, row, 'requests.begin', { grant: row.grantId })
    }
    const over = await granted()
      .where((w) => w.or([w('g.expiresAt', '<=', now), w('g.endedAt', 'is not', null)]))
      .execute()
    for (const row of over) {
      const closedAt = row.endedAt ?? row.expiresAt ?? now
      await tx.updateTable('accessRequest').set({ closedAt }).where('id', '=', row.id).execute()
      const revoked = row.endedAt && (!row.expiresAt || row.endedAt < row.expiresAt)
      tell(transaction, row, 'requests.finish', {
        grant: row.grantId,
        state: revoked ? 'revoked' : 'expired',
      })
    }
    return Math.max(lapsed.length, begun.length, over.length) === most
  })
}
