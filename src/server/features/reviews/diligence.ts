import { sql } from 'kysely'
import type { AnswerOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'

/** Who has not answered for so long, in seconds, was away: that tells nothing of how long a line took. */
const longestPause = 600

interface Row {
  id: string
  name: string
  lines: number
  atOnce: number
  medianSeconds: number | null
  revoked: number
  against: number
  justified: number
  firstAt: Date
  lastAt: Date
}

/** How reviewers did their part, from their answers alone: what is answered at once is answered at one moment. */
export async function diligenceOf(
  db: Db,
  reviewId: string,
): Promise<AnswerOf<'reviews.diligence'>> {
  const { rows } = await sql<Row>`
    with said as (
      select a.decided_by, a.decided_at, count(*) as lines,
        count(*) filter (where a.decision = 'revoke') as revoked,
        count(*) filter (where a.justification <> '') as justified,
        count(*) filter (
          where l.snapshot -> 'recommendation' ->> 'decision' not in ('none', a.decision)) as against
      from review_answer a join review_line l on l.id = a.line_id
      where a.review_id = ${reviewId} and a.decided_by is not null and not a.by_rule
      group by a.decided_by, a.decided_at),
    timed as (
      select *, extract(epoch from
        decided_at - lag(decided_at) over (partition by decided_by order by decided_at))::float8 as gap
      from said)
    select p.id, p.name, sum(lines)::int as lines,
      coalesce(sum(lines) filter (where lines > 1), 0)::int as at_once,
      percentile_cont(0.5) within group (order by gap)
        filter (where lines = 1 and gap <= ${longestPause}) as median_seconds,
      sum(revoked)::int as revoked, sum(against)::int as against, sum(justified)::int as justified,
      min(decided_at) as first_at, max(decided_at) as last_at
    from timed join person p on p.id = timed.decided_by
    group by p.id order by lines desc, p.id`.execute(db)
  const { byRule } = await db
    .selectFrom('reviewAnswer')
    .select(({ fn }) => fn.countAll<number>().as('byRule'))
    .where('reviewId', '=', reviewId)
    .where('byRule', '=', true)
    .executeTakeFirstOrThrow()
  return {
    byRule,
    reviewers: rows.map(shown),
  }
}

const shown = ({ id, name, medianSeconds, ...work }: Row) => ({
  reviewer: { id, name },
  ...work,
  ...(medianSeconds !== null && { medianSeconds }),
})
