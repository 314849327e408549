import { sql, type SqlBool } from 'kysely'
import type { Database, Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { inTransaction, type Transaction } from '../../db/transaction.ts'
import { emit, sallyport } from '../../ledger/emit.ts'
import { ended, endAnswering } from './sign-off.ts'
import { startReview } from './start.ts'

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

const due = (db: Db, is: ReturnType<typeof sql<SqlBool>>) =>
  db.selectFrom('review').selectAll().where(is).orderBy('id').limit(1).forUpdate().skipLocked()

/** Reminds those who have not answered, once a review: it stands in the record, and in their inbox. */
const remind = (db: Database): Promise<boolean> =>
  inTransaction(db, { readOnly: false }, async (tx, transaction) => {
    const { now } = transaction
    const row = await due(
      tx,
      sql<SqlBool>`state = 'running' and reminded_at is null and remind_days is not null
        and due_at - make_interval(days => remind_days) <= ${now}`,
    ).executeTakeFirst()
    if (!row) return false
    const { rows } = await sql<{ name: string; open: number }>`
      select p.name, count(*)::int as open from review_answer a
      join person p on p.id = any(a.reviewers)
      where a.review_id = ${row.id} and a.decision is null group by p.id order by p.name limit 200`.execute(
      tx,
    )
    await tx.updateTable('review').set({ remindedAt: now }).where('id', '=', row.id).execute()
    tell(transaction, row, 'reviews.remind', { detail: { dueAt: row.dueAt, reviewers: rows } })
    return true
  })

/** Lines of a review that nobody can answer any more, each with the first of its fallback who is here and may. */
const orphaned = sql`
  select a.line_id, heir.id as heir from review_answer a
  cross join lateral (
    select p.id from unnest(review.fallback) with ordinality f (id, nth)
    join person p on p.id = f.id and p.state = 'active'
    where p.id <> a.person_id order by f.nth limit 1) heir
  where a.review_id = review.id and a.decision is null
    and a.reviewers && array(select id from person where state = 'left')
    and not exists (select from person p where p.id = any(a.reviewers) and p.state = 'active')`

/** What was left to people who have left falls to the fallback, as it would have at the start. */
const handOver = (db: Database): Promise<boolean> =>
  inTransaction(db, { readOnly: false }, async (tx, transaction) => {
    const row = await due(
      tx,
      sql<SqlBool>`state = 'running' and exists (${orphaned})`,
    ).executeTakeFirst()
    if (!row) return false
    const { rows } = await sql<{ name: string; lines: number }>`
      with handed as (
        update review_answer a set reviewers = array[o.heir], version = a.version + 1
        from review, lateral (${orphaned}) o
        where review.id = ${row.id} and a.line_id = o.line_id returning o.heir)
      select p.name, count(*)::int as lines from handed join person p on p.id = handed.heir
      group by p.id order by p.name`.execute(tx)
    // Another server was faster between our looking and our lock: the review's own row, which is locked, it left as it was.
    if (rows.length === 0) return true
    const reason = 'Whoever was to answer has left.'
    tell(transaction, row, 'reviews.delegate', { detail: { reason, reviewers: rows } })
    return true
  })

/**
 * What is due ends, once, by whichever server comes first: lines that nobody answered become what was chosen at the start,
 * and the review is signed off without anybody. What is to go then ends in the name of whoever started it, who chose so
 * and may end no more than they may themselves.
 */
const endDue = (db: Database): Promise<boolean> =>
  inTransaction(db, { readOnly: false }, async (tx, transaction) => {
    const { now } = transaction
    const row = await due(
      tx,
      sql<SqlBool>`state = 'running' and due_at <= ${now}`,
    ).executeTakeFirst()
    if (!row) return false
    const request = { id: newId(), ip: '', userAgent: sallyport.name }
    const byRule = await endAnswering(tx, row, { by: null, request }, now)
    tell(transaction, row, 'reviews.signOff', ended(row, byRule))
    return true
  })

/** The next of a series begins when it is due: once, by whichever server comes first. */
const goOn = (db: Database): Promise<boolean> =>
  inTransaction(db, { readOnly: false }, async (tx, transaction) => {
    const { now } = transaction
    const row = await due(tx, sql<SqlBool>`next_at <= ${now}`).executeTakeFirst()
    if (!row) return false
    await tx.updateTable('review').set({ nextAt: null }).where('id', '=', row.id).execute()
    const lasts = row.dueAt.getTime() - row.startedAt.getTime()
    const started = await startReview(
      tx,
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
        startedBy: row.startedBy,
        after: { seriesId: row.seriesId, number: row.number + 1 },
      },
      now,
    )
    const { lines, root } = started
    tell(transaction, started, 'reviews.create', {
      after: { state: lines.length === 0 ? 'closed' : 'running', lines: lines.length },
      detail: { root, after: row.id },
    })
    return true
  })

/** Does what the clock brings about with reviews. */
export async function keepReviewsTime(db: Database): Promise<void> {
  while (await handOver(db));
  while (await remind(db));
  while (await goOn(db));
  while (await endDue(db));
}
