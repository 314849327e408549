import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'

/** Deletes what the door no longer needs. Safe on several servers at once: each row is deleted once. */
export async function cleanUp(db: Db): Promise<void> {
  await sql`delete from dpop_seen where expires_at < clock_timestamp()`.execute(db)
  // Past its leeway a token is refused by its own end, so that its row is no longer what refuses it (P5). Later than that:
  // an issuer's leeway may be raised by 120 s since, and a transaction goes by the time at which it began.
  await sql`delete from subject_token where expires_at < clock_timestamp() - interval '1 hour'`.execute(
    db,
  )
  // A client that comes back later than a day makes a new request (C9).
  await sql`delete from idempotency where created_at < clock_timestamp() - interval '1 day'`.execute(
    db,
  )
  // What an approver was shown stays; other replays are worked out anew when somebody wants to know.
  await sql`delete from replay where created_at < clock_timestamp() - interval '30 days'
    and not exists (select from policy_approval a where a.replay_id = replay.id)`.execute(db)
  // Each connection counts for itself (0061): of past hours one sum is kept.
  await sql`
    with counted as (
      delete from decision_rollup where slot <> 0 and hour < clock_timestamp() - interval '2 hours'
      returning hour, outcome, project_id, context_id, count)
    insert into decision_rollup (hour, outcome, project_id, context_id, slot, count)
    select hour, outcome, project_id, context_id, 0, sum(count) from counted group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (hour, outcome,
      coalesce(project_id, '00000000-0000-0000-0000-000000000000'),
      coalesce(context_id, '00000000-0000-0000-0000-000000000000'), slot)
    do update set count = decision_rollup.count + excluded.count`.execute(db)
  await sql`
    with counted as (
      delete from refusal_day where slot <> 0 and day < (clock_timestamp() at time zone 'UTC')::date
      returning day, cause, project_id, context_id, count)
    insert into refusal_day (day, cause, project_id, context_id, slot, count)
    select day, cause, project_id, context_id, 0, sum(count) from counted group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (day, cause,
      coalesce(project_id, '00000000-0000-0000-0000-000000000000'),
      coalesce(context_id, '00000000-0000-0000-0000-000000000000'), slot)
    do update set count = refusal_day.count + excluded.count`.execute(db)
  await sql`delete from read_fold where minute < clock_timestamp() - interval '1 hour'`.execute(db)
}

export interface Chore {
  readonly everyMs: number
  readonly run: () => Promise<void>
}

/** Does each chore again and again until the answer is called; one that takes long is not begun a second time. */
export function keepClean(chores: readonly Chore[], onError: (error: unknown) => void): () => void {
  const under = new Set<Chore>()
  const timers = chores.map((chore) =>
    setInterval(() => {
      if (under.has(chore)) return
      under.add(chore)
      void chore
        .run()
        .catch(onError)
        .finally(() => under.delete(chore))
    }, chore.everyMs).unref(),
  )
  return () => timers.forEach((timer) => clearInterval(timer))
}
