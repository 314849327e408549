import type { PolicyFacts } from '../../../contract/policy-facts.ts'
import type { Db } from '../../db/connect.ts'

/** The tests of a policy, by name. */
export const testsOf = (db: Db, policyId: string) =>
  db
    .selectFrom('policyTest')
    .leftJoin('person', 'person.id', 'policyTest.createdBy')
    .where('policyTest.policyId', '=', policyId)
    .selectAll('policyTest')
    .select('person.name as createdByName')
    .orderBy('policyTest.name')
    .orderBy('policyTest.id')
    .execute()
export type TestRow = Awaited<ReturnType<typeof testsOf>>[number]

export interface TestValues {
  readonly id: string
  readonly policyId: string
  readonly name: string
  readonly facts: PolicyFacts
  readonly expected: 'permitted' | 'denied'
  readonly decisionId: string | null
  readonly leftOut: readonly string[]
  readonly createdBy: string | null
  readonly createdAt: Date
}

export const insertTest = (db: Db, { facts, leftOut, ...values }: TestValues) =>
  db
    .insertInto('policyTest')
    .values({ ...values, facts: JSON.stringify(facts), leftOut: [...leftOut] })
    .execute()

/** False when the version has moved on. */
export async function updateTest(
  db: Db,
  id: string,
  version: number,
  values: { name: string; expected: 'permitted' | 'denied' },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('policyTest')
    .set({ ...values, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** False when the version has moved on. */
export async function deleteTest(db: Db, id: string, version: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('policyTest')
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** What each policy in force did, as it was counted last: of the version that is in force still. */
export async function usagesOf(db: Db) {
  const rows = await db.selectFrom('policyUsage').selectAll().execute()
  return new Map(rows.map((row) => [row.policyId, row] as const))
}
export type UsageRow =
  Awaited<ReturnType<typeof usagesOf>> extends ReadonlyMap<string, infer Row> ? Row : never
