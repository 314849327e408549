import { sql, type SqlBool } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { grantHolds } from '../../decision/live-grant.ts'
import type { Reach } from '../../decision/types.ts'

const selectReviews = (db: Db, personId: string) =>
  db
    .selectFrom('review as v')
    .innerJoin('person as starter', 'starter.id', 'v.startedBy')
    .leftJoin('person as signer', 'signer.id', 'v.signedBy')
    .leftJoin('person as canceller', 'canceller.id', 'v.cancelledBy')
    .selectAll('v')
    .select([
      'starter.name as starterName',
      'starter.email as starterEmail',
      'signer.name as signerName',
      'canceller.name as cancellerName',
      'signer.email as signerEmail',
      sql<number>`(select count(*)::int from review_answer a
        where a.review_id = v.id and a.decision is not null)`.as('answered'),
      sql<number>`(select count(*)::int from review_answer a where v.state = 'running'
        and a.review_id = v.id and a.decision is null and a.reviewers @> ${[personId]}::uuid[])`.as(
        'mine',
      ),
      sql<boolean>`exists (select from review_answer a where a.review_id = v.id
        and (a.reviewers @> ${[personId]}::uuid[] or a.decided_by = ${personId}))`.as('takesPart'),
    ])

export type ReviewRow = Awaited<
  ReturnType<ReturnType<typeof selectReviews>['executeTakeFirstOrThrow']>
>

export const findReview = (db: Db, id: string, personId: string): Promise<ReviewRow | undefined> =>
  selectReviews(db, personId).where('v.id', '=', id).executeTakeFirst()

const within = ({ everywhere, segments, contexts }: Reach) =>
  everywhere
    ? sql<SqlBool>`true`
    : sql<SqlBool>`(v.segment_id = any(${sql.val([...segments])}::uuid[])
        or v.context_id = any(${sql.val([...contexts])}::uuid[]))`

/** Those that one may see, started, or takes part in; newest first. */
export function listReviews(
  db: Db,
  personId: string,
  sees: Reach,
  { state, limit }: InputOf<'reviews.list'>,
  after?: string,
): Promise<ReviewRow[]> {
  let rows = selectReviews(db, personId)
    .where(
      sql<SqlBool>`(${within(sees)} or v.started_by = ${personId}
        or exists (select from review_answer a where a.review_id = v.id
          and (a.reviewers @> ${[personId]}::uuid[] or a.decided_by = ${personId})))`,
    )
    .orderBy('v.id', 'desc')
    .limit(limit + 1)
  if (state) rows = rows.where('v.state', '=', state)
  if (after) rows = rows.where('v.id', '<', after)
  return rows.execute()
}

const selectLines = (db: Db) =>
  db
    .selectFrom('reviewAnswer as a')
    .innerJoin('reviewLine as l', 'l.id', 'a.lineId')
    .innerJoin('review as v', 'v.id', 'a.reviewId')
    .innerJoin('accessGrant as g', 'g.id', 'l.grantId')
    .innerJoin('person as p', 'p.id', 'a.personId')
    .leftJoin('person as decider', 'decider.id', 'a.decidedBy')
    .selectAll('a')
    .select([
      'l.snapshot',
      'l.grantId',
      'l.teamId',
      'decider.name as deciderName',
      'decider.email as deciderEmail',
      'g.endedAt as grantEndedAt',
      'g.expiresAt as grantExpiresAt',
      // What was frozen says it of whoever had left before.
      sql<boolean>`p.state = 'left' and p.left_at > v.started_at`.as('leftSince'),
      sql<boolean>`l.team_id is not null and not exists (select from team_member m
        where m.team_id = l.team_id and m.person_id = l.person_id)`.as('outOfTeam'),
    ])

export type LineRow = Awaited<ReturnType<ReturnType<typeof selectLines>['executeTakeFirstOrThrow']>>

export const findLine = (db: Db, reviewId: string, lineId: string): Promise<LineRow | undefined> =>
  selectLines(db)
    .where('a.reviewId', '=', reviewId)
    .where('a.lineId', '=', lineId)
    .executeTakeFirst()

export interface LineFilter {
  /** Only those that this person is to answer, or answered. */
  readonly of?: string
  readonly answer?: 'keep' | 'revoke' | 'open' | undefined
  readonly after?: number
  readonly limit: number
}

export function listLines(db: Db, reviewId: string, filter: LineFilter): Promise<LineRow[]> {
  const { of, answer, after, limit } = filter
  let rows = selectLines(db)
    .where('a.reviewId', '=', reviewId)
    .orderBy('a.number')
    .limit(limit + 1)
  if (of) {
    rows = rows.where(sql<SqlBool>`(a.reviewers @> ${[of]}::uuid[] or a.decided_by = ${of})`)
  }
  if (answer === 'open') rows = rows.where('a.decision', 'is', null)
  else if (answer) rows = rows.where('a.decision', '=', answer)
  if (after !== undefined) rows = rows.where('a.number', '>', after)
  return rows.execute()
}

/** Of how many what is to go went, or did not. */
export async function resultsOf(db: Db, reviewId: string) {
  const { rows } = await sql<{
    revoked: number
    waiting: number
    applied: number
    over: number
    failed: number
  }>`
    select count(*) filter (where decision = 'revoke')::int as revoked,
      count(*) filter (where result = 'waiting')::int as waiting,
      count(*) filter (where result = 'applied')::int as applied,
      count(*) filter (where result = 'over')::int as over,
      count(*) filter (where result = 'failed')::int as failed
    from review_answer where review_id = ${reviewId}`.execute(db)
  return rows[0] ?? { revoked: 0, waiting: 0, applied: 0, over: 0, failed: 0 }
}

/** How many are in each of these teams. */
export async function teamSizes(db: Db, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('teamMember')
    .select(['teamId', sql<number>`count(*)::int`.as('people')])
    .where('teamId', 'in', [...new Set(ids)])
    .groupBy('teamId')
    .execute()
  return new Map(rows.map(({ teamId, people }) => [teamId, people]))
}

const runners = sql`
  select p.id, p.name, p.last_seen_at from person p
  where p.state = 'active' and p.last_seen_at is not null and exists (
    select from access_grant g join role r on r.id = g.role_id
    where (g.person_id = p.id or g.team_id in (select team_id from team_member where person_id = p.id))
      and g.scope_kind = 'organization' and 'review:run' = any (r.permissions) and ${grantHolds()})`

/** Who may run reviews in the whole organization, whoever came last first. */
export const runnersEverywhere = (db: Db, limit: number) =>
  sql<{ id: string; name: string }>`
    select id, name from (${runners}) r order by last_seen_at desc, id limit ${limit}`
    .execute(db)
    .then(({ rows }) => rows)

/**
 * Of a query that reads the review `v`: those to whom falls what is left by somebody who has left, as `id` and `nth`; its
 * fallback in its order, which names at most five, then whoever runs reviews everywhere.
 */
export const heirs = sql`
  select p.id, f.nth from unnest(v.fallback) with ordinality f (id, nth)
  join person p on p.id = f.id and p.state = 'active'
  union all
  select r.id, 1000 + row_number() over (order by r.last_seen_at desc, r.id) from (${runners}) r`

/** Of a query that reads the review `v`: in whose name it is carried on. Whoever started it, while they are here. */
export const keeper = sql<string>`coalesce(
  (select p.id from person p where p.id = v.started_by and p.state = 'active'),
  (select h.id from (${heirs}) h order by h.nth limit 1), v.started_by)`

export async function namesOf(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('person')
    .select(['id', 'name'])
    .where('id', 'in', [...new Set(ids)])
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** Reviews in which lines wait for somebody, with how many. */
export const waitingFor = (db: Db, personId: string) =>
  db
    .selectFrom('review as v')
    .innerJoin('reviewAnswer as a', 'a.reviewId', 'v.id')
    .innerJoin('person as starter', 'starter.id', 'v.startedBy')
    .select(['v.id', 'v.name', 'v.startedAt', 'v.dueAt', 'v.remindedAt', 'v.startedBy'])
    .select(['starter.name as starterName'])
    .select(({ fn }) => fn.countAll<number>().as('open'))
    .where('v.state', '=', 'running')
    .where('a.decision', 'is', null)
    .where(sql<SqlBool>`a.reviewers @> ${[personId]}::uuid[]`)
    .groupBy(['v.id', 'starter.name'])
    .limit(100)
    .execute()

/** Reviews that somebody carries on and that only wait to be signed off: every line is answered, or they are due. */
export const toSignOff = (db: Db, personId: string, now: Date) =>
  db
    .selectFrom('review as v')
    .select(['v.id', 'v.name', 'v.startedAt', 'v.dueAt'])
    .where('v.state', '=', 'running')
    .where(sql<SqlBool>`${keeper} = ${personId}`)
    .where(
      sql<SqlBool>`(v.due_at <= ${now} or not exists (
        select from review_answer a where a.review_id = v.id and a.decision is null))`,
    )
    .limit(100)
    .execute()
