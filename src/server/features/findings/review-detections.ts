import { sql } from 'kysely'
import { grantHolds } from '../../decision/live-grant.ts'
import { daysBefore, evidence, firstRows, moreRows, type Detection } from './detection.ts'

/** For how long it counts how a review was done: a year, as the longest that may lie between two. */
export const reviewedDays = 365
/** Of fewer lines whoever answers them at once may well have read them. */
const fewLines = 10
/** A line has a person, a role, its use and a reason: nobody has read it sooner. Seconds. */
const readIn = 2

/** Reviews `r` that were carried out, and that none of the same access came after. */
const standing = (
  now: Date,
) => sql`r.state = 'closed' and r.closed_at > ${daysBefore(now, reviewedDays)}
  and not exists (select from review again where again.scope_kind = r.scope_kind
    and again.scope_id is not distinct from r.scope_id and again.state <> 'cancelled'
    and again.started_at > r.closed_at)`

/** Reviewers who kept every line that they answered, four of five sooner than one can be read, with how many they were. */
const hasty = (now: Date) => sql`(
  with said as (
    select a.review_id, a.decided_by, count(*) as lines, bool_and(a.decision = 'keep') as kept,
      extract(epoch from a.decided_at
        - lag(a.decided_at) over (partition by a.review_id, a.decided_by order by a.decided_at)) as gap
    from review r join review_answer a on a.review_id = r.id
    where ${standing(now)} and a.decided_by is not null and not a.by_rule
    group by a.review_id, a.decided_by, a.decided_at)
  select review_id, decided_by, sum(lines) as lines from said group by review_id, decided_by
  having bool_and(kept) and sum(lines) >= ${sql.lit(fewLines)}
    and sum(case when gap < ${sql.lit(readIn)} then lines else lines - 1 end) >= 0.8 * sum(lines))`

/** Reviews that prove nothing. */
export const reviewDetections: readonly Detection[] = [
  {
    id: 'review-waved-through',
    title: 'Review waved through',
    why: `A reviewer kept everything, sooner than it can be read, though some of it was recommended to be revoked. Whoever relies on the review believes that each line was looked at. Told of are reviewers of ${fewLines} lines or more who answered four of five several at once or within ${readIn} seconds, while what they kept so is still held.`,
    severity: 'medium',
    cicdRisk: 'CICD-SEC-2',
    controls: ['PCI DSS 7.2.4', 'SOC 2 CC6.3'],
    subject: 'review',
    fix: { label: 'Review it again', opens: 'review.again', on: 'subject_id' },
    // Of grants only that they end by and by: who holds what changes all day, and a review is not long in hand.
    heeds: { review: 'all' },
    often: true,
    query: (now) => sql`
      with hasty as ${hasty(now)}
      select r.id as subject_id, r.name as subject_name, null::uuid as person_id, null::uuid as project_id,
        r.context_id, r.segment_id,
        case when count(distinct h.decided_by) > 1 then count(distinct h.decided_by) || ' reviewers' else min(p.name) end
          || ' kept all ' || (select sum(lines) from hasty o where o.review_id = r.id)
          || ' lines, most of them several at once or within ${sql.lit(readIn)} seconds; '
          || count(*) || case count(*) when 1 then ' was' else ' were' end || ' recommended to be revoked.' as says,
        ${firstRows(
          evidence({
            what: sql`'Kept against the recommendation'`,
            kind: sql`'grant'`,
            id: sql`g.id`,
            name: sql`l.snapshot -> 'person' ->> 'name' || ', ' || (l.snapshot -> 'role' ->> 'name')`,
            says: sql`l.snapshot -> 'recommendation' ->> 'because'`,
            at: sql`a.decided_at`,
          }),
          sql`l.number`,
        )} as rows,
        ${moreRows} as more
      from hasty h join review r on r.id = h.review_id join person p on p.id = h.decided_by
      join review_answer a on a.review_id = h.review_id and a.decided_by = h.decided_by and not a.by_rule
      join review_line l on l.id = a.line_id and l.snapshot -> 'recommendation' ->> 'decision' = 'revoke'
      join access_grant g on g.id = l.grant_id and ${grantHolds(now)}
      group by r.id`,
  },
]
