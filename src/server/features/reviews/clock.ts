import { sql, type RawBuilder, type Selectable, type SqlBool } from 'kysely'
import type { Database, Db } from '../../db/connect.ts'
import type { ReviewTable } from '../../db/tables/reviews.ts'
import { newId } from '../../db/new-id.ts'
import { inTransaction, type Transaction } from '../../db/transaction.ts'
import { emit, sallyport } from '../../ledger/emit.ts'
import { ProblemError } from '../../http/problem.ts'
import { ended, endAnswering } from './sign-off.ts'
import { startReview } from './start.ts'
import { heirs, keeper } from './store.ts'

interface Told {
  readonly id: string
  readonly name: string
}

function tell(transaction: Transaction, { id, name }: Told, action: string, what: object): void {
  emit(transaction, {
    actor: sallyport,
    action,
    outcome: 'permitted',
    resource: { kind: 'review', id, name },
    ...what,
  })
}

/** What the clock brings about with one review `v` that `is` due. */
interface Step {
  readonly is: (now: Date) => RawBuilder<SqlBool>
  readonly take: (db: Db, transaction: Transaction, review: Review) => Promise<void>
  /** Instead, where what it does is refused. */
  readonly refused?: (
    db: Db,
    transaction: Transaction,
    review: Review,
    refusal: ProblemError,
  ) => Promise<void>
}
type Review = Selectable<ReviewTable>

/** Reminds those who have not answered, once a review: it stands in the record, and in their inbox. */
const remind: Step = {
  is: (now) => sql`v.state = 'running' and v.reminded_at is null and v.remind_days is not null
    and v.due_at - make_interval(days => v.remind_days) <= ${now} and v.due_at > ${now}`,
  async take(db, transaction, { id, name, dueAt }) {
    const { rows } = await sql<{ name: string; open: number }>`
      select p.name, count(*)::int as open from review_answer a
      join person p on p.id = any(a.reviewers) and p.state = 'active'
      where a.review_id = ${id} and a.decision is null group by p.id order by p.name limit 200`.execute(
      db,
    )
    await db
      .updateTable('review')
      .set({ remindedAt: transaction.now })
      .where('id', '=', id)
      .execute()
    tell(transaction, { id, name }, 'reviews.remind', { detail: { dueAt, reviewers: rows } })
  },
}

/** Lines of the review `v` that nobody can answer any more, each with the first who is here and may. */
const orphaned = sql`
  with heirs as materialized (${heirs})
  select a.line_id, heir.id as heir from review_answer a
  cross join lateral (
    select h.id from heirs h where h.id <> a.person_id order by h.nth limit 1) heir
  where a.review_id = v.id and a.decision is null
    and (a.reviewers = '{}' or a.reviewers && array(select id from person where state = 'left'))
    and not exists (select from person p where p.id = any(a.reviewers) and p.state = 'active')`

/** What was left to people who have left, or to nobody, falls to the fallback, as it would have at the start. */
const handOver: Step = {
  is: () => sql`v.state = 'running' and exists (${orphaned})`,
  async take(db, transaction, review) {
    const { rows } = await sql<{ name: string; lines: number }>`
      with handed as (
        update review_answer a set reviewers = array[o.heir], version = a.version + 1
        from review v, lateral (${orphaned}) o
        where v.id = ${review.id} and a.line_id = o.line_id returning o.heir)
      select p.name, count(*)::int as lines from handed join person p on p.id = handed.heir
      group by p.id order by p.name`.execute(db)
    // Another server was faster between our looking and our lock: the review's own row, which is locked, it left as it was.
    if (rows.length === 0) return
    const reason = 'Whoever was to answer has left.'
    tell(transaction, review, 'reviews.delegate', { detail: { reason, reviewers: rows } })
  },
}

/**
 * What is due ends, once, by whichever server comes first: lines that nobody answered become what was chosen at the start,
 * and the review is signed off without anybody. What is to go then ends in the name of whoever started it, who chose so
 * and may end no more than they may themselves; once they have left, of whoever carries it on.
 */
const endDue: Step = {
  is: (now) => sql`v.state = 'running' and v.due_at <= ${now}`,
  async take(db, transaction, row) {
    const request = { id: newId(), ip: '', userAgent: sallyport.name }
    const byRule = await endAnswering(db, row, { by: null, request }, transaction.now)
    tell(transaction, row, 'reviews.signOff', ended(row, byRule))
  },
}

/**
 * The next of a series begins when it is due: once, by whichever server comes first, and not before what the one before it
 * decided is done. In the name of whoever carries it on; a line that has no reviewer any more is handed over.
 */
const goOn: Step = {
  is: (now) => sql`v.next_at <= ${now} and v.state <> 'applying'
    and not (v.state = 'running' and v.due_at <= ${now})`,
  async take(db, transaction, row) {
    const { now } = transaction
    await db.updateTable('review').set({ nextAt: null }).where('id', '=', row.id).execute()
    const { startedBy } = await db
      .selectFrom('review as v')
      .select(keeper.as('startedBy'))
      .where('v.id', '=', row.id)
      .executeTakeFirstOrThrow()
    const lasts = row.dueAt.getTime() - row.startedAt.getTime()
    const started = await startReview(
      db,
      {
        name: row.name,
        scope: {
          kind: row.scopeKind,
          id: row.scopeId,
          name: row.scopeName,
          privileged: row.privileged,
          unusedDays: row.unusedDays,
        },
        within: {
          ...(row.segmentId && { segment: row.segmentId }),
          ...(row.contextId && { context: row.contextId }),
        },
        reviewers: row.reviewers,
        people: row.people,
        fallback: row.fallback,
        dueAt: new Date(now.getTime() + lasts),
        remindDays: row.remindDays,
        withoutAnswer: row.withoutAnswer,
        everyDays: row.everyDays,
        startedBy,
        after: { seriesId: row.seriesId, number: row.number + 1 },
      },
      now,
    )
    const { lines, root } = started
    tell(transaction, started, 'reviews.create', {
      after: { state: lines.length === 0 ? 'closed' : 'running', lines: lines.length },
      detail: { root, after: row.id },
    })
  },
  /** It is tried again a day later, and the record says why. */
  async refused(db, transaction, row, refusal) {
    const nextAt = new Date(transaction.now.getTime() + 86_400_000)
    await db.updateTable('review').set({ nextAt }).where('id', '=', row.id).execute()
    tell(transaction, row, 'reviews.create', {
      outcome: 'failed',
      sentence: refusal.message,
      detail: { after: row.id, nextAt },
    })
  },
}

/** Takes each review that is due, in a transaction of its own: where one fails the others go on. Answers what failed. */
async function each(database: Database, { is, take, refused }: Step): Promise<unknown[]> {
  const due = await inTransaction(database, { readOnly: true }, (db, { now }) =>
    db.selectFrom('review as v').select('v.id').where(is(now)).orderBy('v.id').execute(),
  )
  const faults: unknown[] = []
  for (const { id } of due) {
    const held = (work: (db: Db, transaction: Transaction, review: Review) => Promise<void>) =>
      inTransaction(database, { readOnly: false }, async (db, transaction) => {
        const review = await db
          .selectFrom('review as v')
          .selectAll()
          .where('v.id', '=', id)
          .where(is(transaction.now))
          .forUpdate()
          .skipLocked()
          .executeTakeFirst()
        if (review) await work(db, transaction, review)
      })
    await held(take)
      .catch(async (error: unknown) => {
        if (!refused || !(error instanceof ProblemError)) throw error
        await held((...now) => refused(...now, error))
      })
      .catch((error: unknown) => faults.push(error))
  }
  return faults
}

/** Does what the clock brings about with reviews. Throws what failed of it, once all else is done. */
export async function keepReviewsTime(db: Database): Promise<void> {
  const faults: unknown[] = []
  for (const step of [handOver, remind, endDue, goOn]) faults.push(...(await each(db, step)))
  if (faults.length > 0) throw new AggregateError(faults, String(faults[0]))
}
