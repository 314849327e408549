import { sql, type SqlBool } from 'kysely'
import type { TrustCondition } from '../../../contract/trust.ts'
import type { Db } from '../../db/connect.ts'
import { statement, type Statement } from '../../db/statement.ts'
import type { Reach } from '../../decision/types.ts'
import { projectWithin } from '../projects/service.ts'

const selectRules = (db: Db) =>
  db
    .selectFrom('trustRule')
    .innerJoin('issuer', 'issuer.id', 'trustRule.issuerId')
    .innerJoin('project', 'project.id', 'trustRule.projectId')
    .leftJoin('person', 'person.id', 'trustRule.createdBy')
    .leftJoin('trustRuleUsed', 'trustRuleUsed.trustRuleId', 'trustRule.id')
    .selectAll('trustRule')
    .select([
      'issuer.name as issuerName',
      'issuer.kind as issuerKind',
      'issuer.url as issuerUrl',
      'issuer.audience as issuerAudience',
      'project.name as projectName',
      'project.repository as projectRepository',
      'project.externalId as projectExternalId',
      'project.segmentId as segmentId',
      'person.name as createdByName',
      'trustRuleUsed.lastUsedAt',
    ])

export type TrustRuleRow = Awaited<
  ReturnType<ReturnType<typeof selectRules>['executeTakeFirstOrThrow']>
>

export const trustRuleById = (db: Db, id: string): Promise<TrustRuleRow | undefined> =>
  selectRules(db).where('trustRule.id', '=', id).executeTakeFirst()

export async function listTrustRules(
  db: Db,
  reach: Reach,
  query: { limit: number; issuerId?: string | undefined; projectId?: string | undefined },
  after?: readonly string[],
): Promise<TrustRuleRow[]> {
  let select = selectRules(db)
    .orderBy(sql`lower(trust_rule.name)`)
    .orderBy('trustRule.id')
    .limit(query.limit + 1)
  if (!reach.everywhere) select = select.where(projectWithin(reach))
  if (after) {
    select = select.where(
      sql<SqlBool>`(lower(trust_rule.name), trust_rule.id) > (${after[0]}, ${after[1]}::uuid)`,
    )
  }
  if (query.issuerId) select = select.where('trustRule.issuerId', '=', query.issuerId)
  if (query.projectId) select = select.where('trustRule.projectId', '=', query.projectId)
  return select.execute()
}

const selectWithProject = (db: Db) =>
  db
    .selectFrom('trustRule')
    .innerJoin('project', 'project.id', 'trustRule.projectId')
    .select([
      'trustRule.id',
      'trustRule.issuerId',
      'trustRule.name',
      'trustRule.projectId',
      'trustRule.conditions',
      'trustRule.allowForks',
      'trustRule.allowSshReruns',
      'trustRule.runnerClass',
      'project.repository',
      'project.externalId',
    ])
    .orderBy('trustRule.id')

type OfIssuer = Awaited<ReturnType<ReturnType<typeof selectWithProject>['executeTakeFirstOrThrow']>>
export type TrustRule = Omit<OfIssuer, 'issuerId'>

/** Every rule, with the project that it tells a token to be of: what an exchange asks. */
export const trustRules = (db: Db): Promise<OfIssuer[]> => selectWithProject(db).execute()

/** Those of one issuer. */
export const rulesOf = (db: Db, issuerId: string): Promise<TrustRule[]> =>
  selectWithProject(db).where('trustRule.issuerId', '=', issuerId).execute()

export interface TrustRuleValues {
  readonly name: string
  readonly conditions: readonly TrustCondition[]
  readonly allowForks: boolean
  readonly allowSshReruns: boolean
  readonly runnerClass: string | null
}

export async function insertTrustRule(
  db: Db,
  values: TrustRuleValues & {
    id: string
    issuerId: string
    projectId: string
    createdBy: string | null
  },
): Promise<void> {
  const conditions = JSON.stringify(values.conditions)
  await db
    .insertInto('trustRule')
    .values({ ...values, conditions })
    .execute()
}

/** False when the version has moved on. */
export async function updateTrustRule(
  db: Db,
  id: string,
  version: number,
  values: TrustRuleValues,
): Promise<boolean> {
  const conditions = JSON.stringify(values.conditions)
  const { numUpdatedRows } = await db
    .updateTable('trustRule')
    .set({ ...values, conditions, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function deleteTrustRule(db: Db, id: string, version: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('trustRule')
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Remembers that a rule admitted a run: at most once a minute, lest runs wait for one another. */
export const touchTrustRule = (id: string, at: Date): Statement => statement`
    insert into trust_rule_used (trust_rule_id, last_used_at) values (${id}, ${at})
    on conflict (trust_rule_id) do update set last_used_at = excluded.last_used_at
      where trust_rule_used.last_used_at < excluded.last_used_at - interval '1 minute'`
