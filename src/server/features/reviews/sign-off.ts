import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
import type { SignedRequest } from '../../db/tables/reviews.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { demandUnchanged, personOf, resourceOf, theReviewHeld } from './standing.ts'
import type { ReviewRow } from './store.ts'

/** Why a review cannot be signed off now; nothing when it can. */
export function whyNotYet(row: ReviewRow, now: Date): string | undefined {
  if (row.state === 'cancelled') return 'It was cancelled: nothing is to be carried out.'
  if (row.state !== 'running') return 'It was signed off already.'
  const open = row.lines - row.answered
  if (open === 0 || row.dueAt <= now) return undefined
  const lines = open === 1 ? '1 line is' : `${open} lines are`
  return `${lines} not answered yet. It is signed off when every line is answered, or by itself when it is due.`
}

type Ending = Pick<ReviewRow, 'id' | 'withoutAnswer' | 'version'>

/** What the review says of lines that nobody answered in time; of whoever has left it is recommended that they go. */
async function answerByRule(db: Db, { id, withoutAnswer }: Ending, now: Date): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update review_answer a set by_rule = true, decided_at = ${now}, version = a.version + 1,
      justification = case
        when ${withoutAnswer}::text = 'recommendation' and p.state = 'left'
          then 'Nobody answered in time: as recommended of whoever has left.'
        when ${withoutAnswer}::text = 'recommendation' then 'Nobody answered in time: as recommended.'
        when ${withoutAnswer}::text = 'revoke' then 'Nobody answered in time: revoked.'
        else 'Nobody answered in time: kept.' end,
      decision = case
        when ${withoutAnswer}::text = 'revoke' then 'revoke'
        when ${withoutAnswer}::text = 'recommendation'
          and (p.state = 'left' or l.snapshot->'recommendation'->>'decision' = 'revoke') then 'revoke'
        else 'keep' end
    from review_line l join person p on p.id = l.person_id
    where l.id = a.line_id and a.review_id = ${id} and a.decision is null`.execute(db)
  return Number(numAffectedRows)
}

/**
 * A grant to a team reaches everybody in it: it ends only where it is to go for each who is in the team now, for nobody
 * loses by a review what the review was not about. Grants of which others stay, of the lines that are to go. Each set is
 * asked by its hash (`in`), whatever the database guesses of rows that were written a moment ago: joined row by row, what
 * thousands of lines take grows with the square of their number.
 */
const revokedAndStays = (id: string) => sql`
  revoked as materialized (
    select l.id, l.grant_id, l.person_id, l.team_id from review_answer a join review_line l on l.id = a.line_id
    where a.review_id = ${id} and a.decision = 'revoke'),
  stays as materialized (
    select distinct g.grant_id from (select distinct grant_id, team_id from revoked where team_id is not null) g
    join team_member m on m.team_id = g.team_id
    where (g.grant_id, m.person_id) not in (select grant_id, person_id from revoked))`

/** How many lines that are to go would stay if it were signed off now. */
export async function wouldStay(db: Db, id: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with ${revokedAndStays(id)}
    select count(*) filter (where grant_id in (select grant_id from stays))::int from revoked`.execute(
    db,
  )
  return rows[0]?.count ?? 0
}

/** What is to go waits for its turn; what would stay says why. */
async function queueRemovals(db: Db, id: string): Promise<void> {
  await sql`
    with ${revokedAndStays(id)}
    update review_answer a set version = a.version + 1,
      result = case when r.stays then 'failed' else 'waiting' end,
      result_says = case when r.stays
        then t.name || ' holds it as a team, and others in it are to keep it. Take ' || p.name
          || ' out of the team instead.' end
    from (select id, person_id, team_id, grant_id in (select grant_id from stays) as stays from revoked) r
    left join team t on t.id = r.team_id
    join person p on p.id = r.person_id
    where a.line_id = r.id`.execute(db)
}

interface Signature {
  /** Nobody signs off what is due: what was chosen at the start is done. */
  readonly by: string | null
  readonly request: SignedRequest
}

/** Ends the answering, and leaves what is to go to be ended; answers how many lines nobody had answered. */
export async function endAnswering(
  db: Db,
  review: Ending,
  { by, request }: Signature,
  now: Date,
): Promise<number> {
  const byRule = await answerByRule(db, review, now)
  await queueRemovals(db, review.id)
  await db
    .updateTable('review')
    .set({
      state: 'applying',
      signedBy: by,
      signedAt: now,
      signedRequest: JSON.stringify(request),
      version: review.version + 1,
    })
    .where('id', '=', review.id)
    .execute()
  return byRule
}

/** What the event says of a review whose answering has ended. */
export const ended = ({ lines, root }: Pick<ReviewRow, 'lines' | 'root'>, byRule: number) => ({
  before: { state: 'running' },
  after: { state: 'applying', lines, withoutAnswer: byRule },
  detail: { root },
})

/** What is to go is ended from then on, in the name of whoever signs off. */
export async function signOff(scope: Scope, reviewId: string): Promise<void> {
  const { db, now, request, actor } = scope
  const row = await theReviewHeld(scope, reviewId)
  demandUnchanged(scope, row)
  const blocked = whyNotYet(row, now)
  if (blocked) throw problem('conflict', blocked)
  const { id, ip, userAgent } = request
  const session = actor.sessionId && { session: actor.sessionId }
  const signature = { by: personOf(scope), request: { id, ip, userAgent, ...session } }
  const byRule = await endAnswering(db, row, signature, now)
  const { kind, name } = resourceOf(row)
  scope.record({ resource: { kind, id: reviewId, name }, ...ended(row, byRule) })
}
