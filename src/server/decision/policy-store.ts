import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import type { Transaction } from '../db/transaction.ts'
import type { CedarEngine } from './cedar.ts'
import type { PolicyInForce, PolicyJudge } from './policy-judge.ts'

export interface PolicyStore {
  /** The policies in force as this transaction sees them, its own changes with them. */
  current(db: Db): Promise<PolicyJudge>
  /** Those that were in force when it began, which costs no question while they have not changed. */
  at(transaction: Pick<Transaction, 'db' | 'epochs'>): Promise<PolicyJudge>
}

/** Policies prepared once an epoch, which every transaction is told as it begins, so a change counts at once. */
export function createPolicyStore(engine: CedarEngine): PolicyStore {
  let last: { epoch: string; judge: PolicyJudge } | undefined
  const prepare = async (db: Db, epoch: string) => {
    if (last?.epoch === epoch) return last.judge
    const judge = engine.prepare(await policiesInForce(db))
    last = { epoch, judge }
    return judge
  }
  return {
    async current(db) {
      const { epoch } = await db.selectFrom('policyEpoch').select('epoch').executeTakeFirstOrThrow()
      return prepare(db, epoch)
    },
    at: async ({ db, epochs }) => prepare(db, epochs.policies),
  }
}

/** What is evaluated or enforced, enforced ones first. */
export async function policiesInForce(db: Db): Promise<PolicyInForce[]> {
  const rows = await db
    .selectFrom('policy as p')
    .innerJoin('policyVersion as v', (join) =>
      join.onRef('v.policyId', '=', 'p.id').onRef('v.number', '=', 'p.versionInForce'),
    )
    .select(['p.id', 'p.name', 'p.mode', 'v.number as version', 'v.text'])
    .where('p.mode', 'in', ['evaluate', 'enforce'])
    // Enforced ones first: should there be more than the engine takes, what is only tried is left over.
    .orderBy(sql`p.mode = 'evaluate'`)
    .orderBy('p.id')
    .execute()
  return rows.flatMap((row) => (row.mode === 'draft' ? [] : [{ ...row, mode: row.mode }]))
}
