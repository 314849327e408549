import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import type { CedarEngine } from './cedar.ts'
import type { PolicyInForce, PolicyJudge } from './policy-judge.ts'

export interface PolicyStore {
  /** The policies in force as this transaction sees them. */
  current(db: Db): Promise<PolicyJudge>
}

/** Policies prepared once an epoch. One small read a request shows whether they changed, so a change counts at once. */
export function createPolicyStore(engine: CedarEngine): PolicyStore {
  let last: { epoch: string; judge: PolicyJudge } | undefined
  return {
    async current(db) {
      const { epoch } = await db.selectFrom('policyEpoch').select('epoch').executeTakeFirstOrThrow()
      if (last?.epoch === epoch) return last.judge
      const judge = engine.prepare(await policiesInForce(db))
      last = { epoch, judge }
      return judge
    },
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
