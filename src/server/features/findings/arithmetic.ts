import { sql } from 'kysely'
import { weights, type FindingSubject } from '../../../contract/findings.ts'
import type { Db } from '../../db/connect.ts'
import { grantHolds } from '../../decision/live-grant.ts'
import { catalogue } from './catalogue.ts'
import { daysBefore, organizationId, type Detection } from './detection.ts'

/** Whose score it is. */
export type ScoredPlace =
  | { readonly kind: 'organization' }
  | { readonly kind: 'segment' | 'project' | 'context' | 'person'; readonly id: string }

/** One line of the arithmetic. */
interface Line {
  readonly detection: Detection
  readonly weight: number
  readonly objects: number
  readonly affected: number
  readonly lost: number
}

export interface Arithmetic {
  readonly score: number | undefined
  readonly weights: number
  readonly lines: readonly Line[]
  readonly without: readonly { readonly detection: Detection; readonly why: string }[]
}

/**
 * A weighted mean as OpenSSF Scorecard has it, of what is in order: each detection counts with its weight, and with the
 * share of its objects that nothing was found of. Muted findings do not count, accepted ones do: the risk is still there.
 */
export async function scoreOf(
  db: Db,
  place: ScoredPlace,
  now: Date,
  hidden: (kind: FindingSubject) => boolean = () => false,
): Promise<Arithmetic> {
  const objects = await objectsIn(db, place, now)
  const affected = await affectedIn(db, place)
  const looks = await db.selectFrom('findingLook').select(['detection', 'fault']).execute()
  const faults = new Map(looks.map(({ detection, fault }) => [detection, fault]))
  const without: { detection: Detection; why: string }[] = []
  const counted = catalogue.flatMap((detection) => {
    const there = objects[detection.subject]
    const why = hidden(detection.subject)
      ? 'You may not see what it is about.'
      : !faults.has(detection.id)
        ? 'It was not looked for yet.'
        : faults.get(detection.id)
          ? 'It could not be looked for at the last time.'
          : there === 0
            ? 'There is nothing that it could be found of.'
            : undefined
    if (why === undefined) {
      const found = Math.min(affected.get(detection.id) ?? 0, there)
      return [{ detection, weight: weights[detection.severity], objects: there, affected: found }]
    }
    without.push({ detection, why })
    return []
  })
  const sum = counted.reduce((total, { weight }) => total + weight, 0)
  const lines = counted
    .map(({ detection, weight, objects: there, affected: found }): Line => {
      const lost = (100 * weight * found) / there / sum
      return { detection, weight, objects: there, affected: found, lost }
    })
    .toSorted((one, other) => other.lost - one.lost || other.weight - one.weight)
  const lost = lines.reduce((total, line) => total + line.lost, 0)
  return { score: sum === 0 ? undefined : Math.max(0, 100 - lost), weights: sum, lines, without }
}

async function affectedIn(db: Db, place: ScoredPlace): Promise<ReadonlyMap<string, number>> {
  const where =
    place.kind === 'organization' ? sql`true` : sql`${sql.ref(`e.${place.kind}_id`)} = ${place.id}`
  const { rows } = await sql<{ detection: string; n: number }>`
    select f.detection, count(*)::int as n from finding f join finding_evidence e on e.finding_id = f.id
    where f.state in ('open', 'accepted') and ${where} group by 1`.execute(db)
  return new Map(rows.map(({ detection, n }) => [detection, n]))
}

/** How many objects of each kind lie in the place. */
async function objectsIn(
  db: Db,
  place: ScoredPlace,
  now: Date,
): Promise<Readonly<Record<FindingSubject, number>>> {
  const { kind } = place
  const id = place.kind === 'organization' ? organizationId : place.id
  const everywhere = kind === 'organization'
  /** Only where the kind of place is named; `true` counts all of the organization's own. */
  const by = (columns: Partial<Record<typeof kind, ReturnType<typeof sql>>>) =>
    everywhere ? sql`true` : (columns[kind] ?? sql`false`)
  const is = (column: string) => sql`${sql.ref(column)} = ${id}`
  const own = by({})
  const inProjectSegment = sql`(select segment_id from project where id = x.project_id) = ${id}`
  const { rows } = await sql<Record<FindingSubject, number>>`select
    (${everywhere}::boolean)::int as organization,
    (select count(*)::int from person x where x.state = 'active' and ${by({ person: is('x.id') })}) as person,
    (select count(*)::int from team x where ${own}) as team,
    (select count(*)::int from role x where not x.built_in and ${own}) as role,
    (select count(*)::int from access_grant g where ${grantHolds(now)} and ${by({
      person: is('g.person_id'),
      project: is('g.project_id'),
      context: is('g.context_id'),
      segment: sql`coalesce(g.segment_id, (select segment_id from project where id = g.project_id),
        (select segment_id from context where id = g.context_id)) = ${id}`,
    })}) as grant,
    (select count(*)::int from segment x where ${by({ segment: is('x.id') })}) as segment,
    (select count(*)::int from project x where ${by({ project: is('x.id'), segment: is('x.segment_id') })}) as project,
    (select count(*)::int from context x where ${by({ context: is('x.id'), segment: is('x.segment_id') })}) as context,
    (select count(*)::int from policy x where x.mode <> 'draft' and ${own}) as policy,
    (select count(*)::int from issuer x where ${own}) as issuer,
    (select count(*)::int from trust_rule x where ${by({ project: is('x.project_id'), segment: inProjectSegment })}) as "trustRule",
    (select count(*)::int from lease x where x.issued_at > ${daysBefore(now, 90)} and ${by({
      project: is('x.project_id'),
      segment: inProjectSegment,
      context: sql`x.id in (select lease_id from lease_context where context_id = ${id})`,
    })}) as lease,
    (select count(*)::int from api_token x where x.revoked_at is null and x.expires_at > ${now}
      and ${by({ person: is('x.person_id') })}) as "apiToken"`.execute(db)
  if (!rows[0]) throw new Error('the database counted nothing')
  return rows[0]
}

/** Keeps what the organization and each segment come to today. */
export async function keepScores(db: Db, now: Date): Promise<void> {
  const segments = await db.selectFrom('segment').select('id').execute()
  const places: ScoredPlace[] = [
    { kind: 'organization' },
    ...segments.map(({ id }) => ({ kind: 'segment' as const, id })),
  ]
  for (const place of places) {
    const { score, lines, weights: sum } = await scoreOf(db, place, now)
    if (score === undefined) continue
    const placeId = place.kind === 'organization' ? organizationId : place.id
    const points = lines.map(({ detection, weight, objects }) => ({
      detection: detection.id,
      points: (100 * weight) / objects / sum,
    }))
    await sql`insert into score_point (place_id, detection, points)
      select ${placeId}, detection, points from json_to_recordset(${JSON.stringify(points)}::json)
        as p(detection text, points real)
      on conflict (place_id, detection) do update set points = excluded.points`.execute(db)
    await sql`insert into score_day (day, place_id, score)
      values ((${now}::timestamptz at time zone 'UTC')::date, ${placeId}, ${score})
      on conflict (place_id, day) do update set score = excluded.score`.execute(db)
  }
}

/** The last score of each of the last 90 days that there is one of. */
export async function trendOf(
  db: Db,
  place: ScoredPlace,
): Promise<{ day: string; score: number }[]> {
  const id = place.kind === 'organization' ? organizationId : place.id
  const { rows } = await sql<{ day: string; score: number }>`
    select to_char(day, 'YYYY-MM-DD') as day, score from score_day where place_id = ${id}
    order by day desc limit 90`.execute(db)
  return rows.toReversed()
}
