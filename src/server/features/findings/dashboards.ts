import { sql } from 'kysely'
import type { CicdRisk } from '../../../contract/findings.ts'
import type { Db } from '../../db/connect.ts'
import type { FindingTurn } from '../../db/tables/findings.ts'
import { catalogue } from './catalogue.ts'
import { organizationId } from './detection.ts'
import { known, type Known } from './store.ts'

interface HeatRow {
  readonly projectId: string
  readonly name: string
  readonly risk: CicdRisk
  readonly count: number
  readonly weight: number
}

/** Open findings by project and kind of risk, of those that the reader may be told of. */
export async function findingHeat(db: Db, reach: Known): Promise<HeatRow[]> {
  const kinds = sql.join(catalogue.map(({ id, cicdRisk }) => sql`(${id}::text, ${cicdRisk}::text)`))
  const { rows } = await sql<HeatRow>`
    select e.project_id, p.name, k.risk, count(*)::int as count, max(f.weight)::float8 as weight
    from finding f join finding_evidence e on e.finding_id = f.id join project p on p.id = e.project_id
    join (values ${kinds}) k(detection, risk) on k.detection = f.detection
    where f.state = 'open' and ${known(reach)} group by 1, 2, 3`.execute(db)
  return rows
}

/** The last score of each day (UTC) between the two, and the last one before. */
export async function scoresBetween(
  db: Db,
  placeId: string | undefined,
  from: Date,
  until: Date,
): Promise<{ day: Date; score: number }[]> {
  const { rows } = await sql<{ day: Date; score: number }>`
    select day::timestamp at time zone 'UTC' as day, score::float8 as score from score_day
    where place_id = ${placeId ?? organizationId} and day >= ${from}::timestamptz::date and day < ${until}::timestamptz::date
    order by day`.execute(db)
  return rows
}

interface TurnRow {
  readonly at: Date
  readonly findingId: string
  readonly detection: string
  readonly turn: FindingTurn
  readonly was: FindingTurn | null
  readonly says: string
  readonly weight: number
  readonly points: number | null
}

/** What findings did between the two, the newest first, with what one of them weighs in the place's score. */
export async function turnsBetween(
  db: Db,
  reach: Known,
  place: { readonly segment?: string | undefined },
  range: { readonly from: Date; readonly until: Date },
  most: number,
): Promise<TurnRow[]> {
  const there = place.segment ? sql`e.segment_id = ${place.segment}` : sql`true`
  const { rows } = await sql<TurnRow>`
    select t.at, t.finding_id, f.detection, t.turn, e.says, f.weight::float8 as weight, p.points::float8 as points,
      (select b.turn from finding_turn b where b.finding_id = t.finding_id and (b.at, b.id) < (t.at, t.id)
        order by b.at desc, b.id desc limit 1) as was
    from finding_turn t join finding f on f.id = t.finding_id join finding_evidence e on e.finding_id = f.id
    left join score_point p on p.place_id = ${place.segment ?? organizationId} and p.detection = f.detection
    where t.at >= ${range.from} and t.at < ${range.until} and ${there} and ${known(reach)}
    order by t.at desc, t.id desc limit ${most}`.execute(db)
  return rows
}
