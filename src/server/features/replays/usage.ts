import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
import { policiesInForce } from '../../decision/policy-store.ts'
import { factsOf } from '../../decision/policy-facts.ts'
import { countUses } from '../../decision/statements.ts'
import { recordedDecisions } from '../decisions/service.ts'
import { recordedConfigs } from '../pipelines/service.ts'

/** How far back a policy's use is counted. */
const usageDays = 90
const sliceSize = 1_000

/** Counts what each policy in force, as it reads now, applies to and denies among the recorded decisions and the configs that were checked. */
export async function countUsage(db: Db): Promise<void> {
  const policies = await policiesInForce(db)
  const counting = countUses(policies)
  const { now } = await sql<{ now: Date }>`select clock_timestamp() as now`
    .execute(db)
    .then(({ rows: [row] }) => row ?? { now: new Date() })
  const slice = { from: new Date(now.getTime() - usageDays * 86_400_000), until: now }
  let after: readonly [string, string] | undefined
  while (policies.length > 0) {
    const rows = await recordedDecisions(db, slice, {
      newest: false,
      limit: sliceSize,
      ...(after && { after }),
    })
    for (const row of rows) {
      // Policies are not asked about what no grant permits; runs they are asked about always.
      const facts = row.refused && !row.run ? undefined : factsOf(row)
      if (facts) counting.ask(facts)
    }
    const checks = counting.ofConfigs
      ? rows.filter(({ action }) => action === 'pipeline:check')
      : []
    for await (const { config } of recordedConfigs(db, checks)) counting.askConfig(config)
    const last = rows.at(-1)
    if (!last || rows.length < sliceSize) break
    after = [last.place, last.id]
  }
  const uses = Map.groupBy(counting.uses(), ({ policyId }) => policyId)
  const counted = policies.map(({ id, version }) => {
    const statements = (uses.get(id) ?? []).map(({ applies, denies, reason }) => ({
      applies,
      denies,
      reason,
    }))
    const sum = (member: 'applies' | 'denies') =>
      statements.reduce((total, each) => total + each[member], 0)
    return {
      policyId: id,
      policyVersion: version,
      days: usageDays,
      applies: sum('applies'),
      denies: sum('denies'),
      statements: JSON.stringify(statements),
      computedAt: now,
    }
  })
  for (const row of counted) {
    await db
      .insertInto('policyUsage')
      .values(row)
      .onConflict((conflict) => conflict.column('policyId').doUpdateSet(row))
      .execute()
  }
}
