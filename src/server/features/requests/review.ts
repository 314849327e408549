import { sql } from 'kysely'
import type { AnswerOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { grantHolds } from '../../decision/live-grant.ts'
import { riskFrom } from '../../decision/risk.ts'
import type { Scope } from '../../http/scope.ts'
import { accessPath, liveGrantsOf } from '../grants/service.ts'
import { placeOfRequest } from './standing.ts'
import type { RequestRow } from './store.ts'

type Review = NonNullable<AnswerOf<'requests.view'>['review']>
type Risk = Review['risk']

/** By which one changes who may do what, or what a run is given. */
const privileged =
  /^(role:(create|update|delete)|grant:create|request:(approve|configure)|policy:(enforce|delete)|context:(restrict|delete)|secret:|issuer:(create|update|delete)|trustRule:(create|update|delete)|session:revoke|federation:rotate)/

const day = 86_400_000

/** Others in the requester's teams, of whom some hold the same role there or above it, and some of those used it lately. */
async function peersOf(db: Db, row: RequestRow): Promise<Review['peers']> {
  const { requesterId, roleId, withinSegment, projectId, contextId, requesterTeams } = row
  const { rows } = await sql<{ people: number; hold: number; used: number }>`
    with peers as (
      select distinct p.id from team_member m join person p on p.id = m.person_id
      where m.team_id = any(${sql.val([...requesterTeams])}::uuid[])
        and p.id <> ${requesterId} and p.state = 'active'),
    held as (
      select peers.id, max(u.last_used_at) as used from peers
      join access_grant g on (g.person_id = peers.id
        or g.team_id in (select team_id from team_member where person_id = peers.id))
      left join grant_used_by u on u.grant_id = g.id and u.person_id = peers.id
      where g.role_id = ${roleId}::uuid and ${grantHolds()}
        and (g.scope_kind = 'organization' or g.segment_id = ${withinSegment}::uuid
          or g.project_id = ${projectId}::uuid or g.context_id = ${contextId}::uuid)
      group by peers.id)
    select (select count(*)::int from peers) as people, (select count(*)::int from held) as hold,
      (select count(*)::int from held where used > clock_timestamp() - interval '30 days') as used`.execute(
    db,
  )
  return rows[0] ?? { people: 0, hold: 0, used: 0 }
}

async function riskOf(db: Db, row: RequestRow, gains: readonly string[], now: Date): Promise<Risk> {
  const segment = row.withinSegment
    ? await db
        .selectFrom('segment')
        .select(['name', 'tier'])
        .where('id', '=', row.withinSegment)
        .executeTakeFirst()
    : undefined
  const { denied } = await db
    .selectFrom('accessRequest')
    .select(({ fn }) => fn.countAll<number>().as('denied'))
    .where('requesterId', '=', row.requesterId)
    .where('roleId', '=', row.roleId)
    .where('state', '=', 'denied')
    .where('decidedAt', '>', new Date(now.getTime() - 30 * day))
    .executeTakeFirstOrThrow()
  const powers = gains.filter((permission) => privileged.test(permission))
  const seen = row.requesterSeenAt
  return riskFrom([
    [3, 'It holds in the whole organization.', row.scopeKind === 'organization'],
    [
      2,
      `It reaches ${segment?.name}, a segment of the tier production.`,
      segment?.tier === 'production',
    ],
    [
      2,
      `It newly permits what changes access, rules or secrets: ${powers.slice(0, 6).join(', ')}${powers.length > 6 ? ` and ${powers.length - 6} more` : ''}.`,
      powers.length > 0,
    ],
    [1, 'It lasts longer than a day.', row.durationMinutes > 1_440],
    [
      1,
      `${row.requesterName} has not been seen for 30 days.`,
      !seen || now.getTime() - seen.getTime() > 30 * day,
    ],
    [1, 'The same was denied to them in the last 30 days.', denied > 0],
    [1, `${row.requesterName} is in no team.`, row.requesterTeams.length === 0],
  ])
}

/** What whoever decides looks at: the requester's access today, their peers', and the risk. */
export async function reviewOf(
  scope: Scope,
  row: RequestRow,
  gains: readonly string[],
): Promise<Review> {
  const { db, now } = scope
  const grants = await liveGrantsOf(db, scope.reach('grant:view'), row.requesterId, now)
  return {
    access: grants.map(accessPath),
    peers: placeOfRequest(row) ? await peersOf(db, row) : { people: 0, hold: 0, used: 0 },
    risk: await riskOf(db, row, gains, now),
  }
}
