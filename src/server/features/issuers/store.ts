import { sql, type SqlBool } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import type { Reach } from '../../decision/types.ts'
import type { IssuerRules } from '../../pipelines/ci-token.ts'

const selectIssuers = (db: Db) =>
  db
    .selectFrom('issuer')
    .leftJoin('person', 'person.id', 'issuer.createdBy')
    .selectAll('issuer')
    .select((eb) => [
      'person.name as createdByName',
      eb
        .selectFrom('trustRule')
        .whereRef('trustRule.issuerId', '=', 'issuer.id')
        .select(eb.fn.countAll<number>().as('count'))
        .as('rules'),
      eb
        .selectFrom('trustRuleUsed as used')
        .innerJoin('trustRule as rule', 'rule.id', 'used.trustRuleId')
        .whereRef('rule.issuerId', '=', 'issuer.id')
        .select(({ fn }) => fn.max('used.lastUsedAt').as('at'))
        .as('lastUsedAt'),
    ])

export type IssuerRow = Awaited<
  ReturnType<ReturnType<typeof selectIssuers>['executeTakeFirstOrThrow']>
>

export const issuerById = (db: Db, id: string): Promise<IssuerRow | undefined> =>
  selectIssuers(db).where('issuer.id', '=', id).executeTakeFirst()

export async function listIssuers(
  db: Db,
  query: InputOf<'issuers.list'>,
  after: readonly string[] | undefined,
): Promise<IssuerRow[]> {
  let select = selectIssuers(db)
    .orderBy(sql`lower(issuer.name)`)
    .orderBy('issuer.id')
    .limit(query.limit + 1)
  if (after) {
    select = select.where(
      sql<SqlBool>`(lower(issuer.name), issuer.id) > (${after[0]}, ${after[1]}::uuid)`,
    )
  }
  if (query.kind) select = select.where('issuer.kind', '=', query.kind)
  return select.execute()
}

type Values = InputOf<'issuers.create'>

export async function insertIssuer(
  db: Db,
  values: Values & { id: string; createdBy: string | null },
): Promise<void> {
  await db.insertInto('issuer').values(values).execute()
}

type Changes = Omit<InputOf<'issuers.update'>, 'issuerId'>

/** False when the version has moved on. */
export async function updateIssuer(
  db: Db,
  id: string,
  version: number,
  values: Changes,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('issuer')
    .set({ ...values, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function deleteIssuer(db: Db, id: string, version: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('issuer')
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

const selectRules = (db: Db) =>
  db
    .selectFrom('issuer')
    .select([
      'id',
      'name',
      'kind',
      'url',
      'audience',
      'algorithms',
      'leewaySeconds',
      'maxAgeSeconds',
      'bindAddress',
    ])

/** Projects that an issuer's rules bind tokens to, as far as the reader may see rules. */
export async function projectsOf(db: Db, reach: Reach, issuerId: string) {
  const segments = sql.val([...reach.segments])
  const projects = sql.val([...reach.projects])
  return db
    .selectFrom('project')
    .where('id', 'in', (eb) =>
      eb.selectFrom('trustRule').where('issuerId', '=', issuerId).select('projectId'),
    )
    .where(
      sql<SqlBool>`(${reach.everywhere}::boolean or segment_id = any(${segments}::uuid[]) or id = any(${projects}::uuid[]))`,
    )
    .select(['id', 'name'])
    .orderBy(sql`lower(name)`)
    .limit(200)
    .execute()
}

/** The rules for the tokens of every issuer that is trusted. */
export const trustedIssuers = (db: Db): Promise<IssuerRules[]> => selectRules(db).execute()

export const rulesFor = (db: Db, url: string): Promise<IssuerRules | undefined> =>
  selectRules(db).where('url', '=', url).executeTakeFirst()
