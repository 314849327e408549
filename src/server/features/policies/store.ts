import { sql, type SqlBool } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { countAlone } from '../../db/count-alone.ts'
import { newId } from '../../db/new-id.ts'
import type { Reach } from '../../decision/types.ts'
import { decisionsWithin } from '../decisions/service.ts'

type Mode = 'draft' | 'evaluate' | 'enforce'

export interface PolicyRow {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly mode: Mode
  readonly currentVersion: number
  readonly versionInForce: number | null
  readonly evaluateUntil: Date | null
  readonly createdAt: Date
  readonly createdBy: string | null
  readonly createdByName: string | null
  readonly updatedAt: Date
  readonly version: number
  readonly askedId: string | null
  readonly askedVersion: number | null
  readonly askedBy: string | null
  readonly askedByName: string | null
  readonly askedAt: Date | null
  readonly askedReason: string | null
  readonly askedReplay: string | null
}

const selectPolicies = (db: Db) =>
  db
    .selectFrom('policy')
    .innerJoin('policyVersion as newest', (join) =>
      join
        .onRef('newest.policyId', '=', 'policy.id')
        .onRef('newest.number', '=', 'policy.currentVersion'),
    )
    .leftJoin('person as maker', 'maker.id', 'policy.createdBy')
    .leftJoin('policyApproval as asked', (join) =>
      join.onRef('asked.policyId', '=', 'policy.id').on('asked.verdict', 'is', null),
    )
    .leftJoin('person as asker', 'asker.id', 'asked.askedBy')
    .select([
      'policy.id',
      'policy.name',
      'policy.description',
      'policy.mode',
      'policy.currentVersion',
      'policy.versionInForce',
      'policy.evaluateUntil',
      'policy.createdAt',
      'policy.createdBy',
      'maker.name as createdByName',
      'newest.createdAt as updatedAt',
      'policy.version',
      'asked.id as askedId',
      'asked.number as askedVersion',
      'asked.askedBy',
      'asker.name as askedByName',
      'asked.askedAt',
      'asked.reason as askedReason',
      'asked.replayId as askedReplay',
    ])

export async function listPolicies(
  db: Db,
  { q, mode, limit }: InputOf<'policies.list'>,
  after: readonly string[] | undefined,
): Promise<PolicyRow[]> {
  let select = selectPolicies(db)
    .orderBy(sql`lower(policy.name)`)
    .orderBy('policy.id')
    .limit(limit + 1)
  if (after) {
    select = select.where(
      sql<SqlBool>`(lower(policy.name), policy.id) > (${after[0]}, ${after[1]}::uuid)`,
    )
  }
  if (q) {
    const text = `%${q.replace(/[\\%_]/g, '\\$&')}%`
    select = select.where(
      sql<SqlBool>`(policy.name ilike ${text} or policy.description ilike ${text})`,
    )
  }
  if (mode) select = select.where('policy.mode', '=', mode)
  return select.execute()
}

export const policyById = (db: Db, id: string): Promise<PolicyRow | undefined> =>
  selectPolicies(db).where('policy.id', '=', id).executeTakeFirst()

/** Locks the policy, so that what is decided about its version in force cannot race. */
export async function lockPolicy(db: Db, id: string): Promise<void> {
  await db.selectFrom('policy').where('id', '=', id).select('id').forUpdate().execute()
}

const versionRows = (db: Db, policyId: string) =>
  db
    .selectFrom('policyVersion as v')
    .leftJoin('person', 'person.id', 'v.author')
    .where('v.policyId', '=', policyId)
    .select(['v.number', 'v.summary', 'v.author', 'person.name as authorName', 'v.createdAt'])

export const versionsOf = (db: Db, policyId: string, limit: number, before?: number) =>
  versionRows(db, policyId)
    .$if(before !== undefined, (select) =>
      select.where(sql<boolean>`v.number < ${before ?? 0}::bigint`),
    )
    .orderBy('v.number', 'desc')
    .limit(limit)
    .execute()
export type VersionRow = Awaited<ReturnType<typeof versionsOf>>[number]

export const versionOf = (db: Db, policyId: string, number: number) =>
  versionRows(db, policyId).where('v.number', '=', number).select('v.text').executeTakeFirst()

export async function countPoliciesAlone(db: Db): Promise<number> {
  await countAlone(db, 'policies')
  const { count } = await db
    .selectFrom('policy')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Writes a version; its number follows the newest one's. */
export async function insertVersion(
  db: Db,
  version: {
    policyId: string
    number: number
    text: string
    summary: string
    author?: string
    createdAt: Date
  },
): Promise<void> {
  await db
    .insertInto('policyVersion')
    .values({ ...version, author: version.author ?? null })
    .execute()
}

export interface PolicyValues {
  readonly name: string
  readonly description: string
  readonly mode: Mode
  readonly currentVersion: number
  readonly versionInForce: number | null
  readonly evaluateUntil: Date | null
}

/** False when the policy has moved on. */
export async function updatePolicy(
  db: Db,
  id: string,
  version: number,
  values: Partial<PolicyValues>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('policy')
    .set({ ...values, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export const insertAsk = (
  db: Db,
  ask: {
    policyId: string
    number: number
    askedBy: string
    askedAt: Date
    reason: string
    replayId: string | null
  },
) =>
  db
    .insertInto('policyApproval')
    .values({ id: newId(), ...ask, verdict: null, decidedBy: null, decidedAt: null })
    .execute()

export async function decideAsk(
  db: Db,
  id: string,
  verdict: 'approved' | 'declined' | 'withdrawn',
  decidedBy: string,
  decidedAt: Date,
): Promise<void> {
  await db
    .updateTable('policyApproval')
    .set({ verdict, decidedBy, decidedAt })
    .where('id', '=', id)
    .where('verdict', 'is', null)
    .execute()
}

export const setAskedReplay = (db: Db, askedId: string, replayId: string) =>
  db.updateTable('policyApproval').set({ replayId }).where('id', '=', askedId).execute()

export const approvalsOf = (db: Db, policyId: string) =>
  db
    .selectFrom('policyApproval as a')
    .innerJoin('person as asker', 'asker.id', 'a.askedBy')
    .leftJoin('person as decider', 'decider.id', 'a.decidedBy')
    .where('a.policyId', '=', policyId)
    .select([
      'a.id',
      'a.number as version',
      'a.askedBy',
      'asker.name as askedByName',
      'a.askedAt',
      'a.reason',
      'a.verdict',
      'a.decidedBy',
      'decider.name as decidedByName',
      'a.decidedAt',
    ])
    .orderBy('a.askedAt', 'desc')
    .limit(100)
    .execute()

export interface PolicyCounts {
  readonly denials: number
  readonly wouldDenials: number
}

/** What each policy denied, or would have, in seven days: among the decisions of the given reach. */
export async function countsOf(db: Db, reach: Reach): Promise<ReadonlyMap<string, PolicyCounts>> {
  const { rows } = await sql<{ id: string } & PolicyCounts>`
    select p ->> 'id' as id,
      count(*) filter (where p ->> 'mode' = 'enforce') as denials,
      count(*) filter (where p ->> 'mode' = 'evaluate') as would_denials
    from decision, jsonb_array_elements(decision.policies) p
    where decision.outcome in ('denied', 'would_deny', 'failed')
      and decision.at > clock_timestamp() - interval '7 days'
      and ${decisionsWithin(reach)}
    group by 1`.execute(db)
  return new Map(
    rows.map(({ id, denials, wouldDenials }) => [id, { denials, wouldDenials }] as const),
  )
}
