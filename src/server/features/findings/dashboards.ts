import { sql } from 'kysely'
import type { CicdRisk } from '../../../contract/findings.ts'
import type { Db } from '../../db/connect.ts'
import type { FindingTurn } from '../../db/tables/findings.ts'
import { placeIdOf, type ScoredPlace } from './arithmetic.ts'
import { catalogue } from './catalogue.ts'
import { organizationId } from './detection.ts'
import { known, liesIn, type Known } from './store.ts'

interface HeatRow {
  readonly projectId: string
  readonly name: string
  readonly risk: CicdRisk
  readonly count: number
  readonly before: number
  /** Of those that are open at the end; null where none is. */
  readonly weight: number | null
}

/** Whether it was open at a time, by its turns: one that has not turned since is as it is now. */
const openAt = (at: Date) => sql<boolean>`case
  when not exists (select from finding_turn t where t.finding_id = f.id and t.at >= ${at}) then f.state = 'open'
  else coalesce((select t.turn in ('opened', 'reopened') from finding_turn t
    where t.finding_id = f.id and t.at < ${at} order by t.at desc, t.id desc limit 1), false) end`

/**
 * Findings that were open at two times by project and kind of risk, of those that the reader may be told of. Where a
 * finding lies is known as it is now, so one whose project was removed since counts nowhere.
 */
export async function findingHeat(
  db: Db,
  reach: Known,
  at: { readonly end: Date; readonly before: Date },
): Promise<HeatRow[]> {
  const kinds = sql.join(catalogue.map(({ id, cicdRisk }) => sql`(${id}::text, ${cicdRisk}::text)`))
  const { rows } = await sql<HeatRow>`
    select project_id, name, risk, (count(*) filter (where now))::int as count, (count(*) filter (where before))::int as before,
      (max(weight) filter (where now))::float8 as weight
    from (
      select e.project_id, p.name, k.risk, f.weight, ${openAt(at.end)} as now, ${openAt(at.before)} as before
      from finding f join finding_evidence e on e.finding_id = f.id join project p on p.id = e.project_id
      join (values ${kinds}) k(detection, risk) on k.detection = f.detection
      where (f.state = 'open' or exists (select from finding_turn t where t.finding_id = f.id and t.at >= ${at.before}))
        and ${known(reach)}) found
    where now or before group by 1, 2, 3`.execute(db)
  return rows
}

/** Since when findings are looked for here, as far as anything says so: of earlier times nothing is known. */
export async function lookedSince(db: Db): Promise<Date | undefined> {
  const { rows } = await sql<{ since: Date | null }>`
    select least((select min(at) from finding_turn),
      (select min(day)::timestamp at time zone 'UTC' from score_day where place_id = ${organizationId})) as since`.execute(
    db,
  )
  return rows[0]?.since ?? undefined
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
  place: ScoredPlace,
  range: { readonly from: Date; readonly until: Date },
  most: number,
): Promise<TurnRow[]> {
  const there = place.kind === 'organization' ? sql`true` : liesIn(place.kind, place.id)
  const { rows } = await sql<TurnRow>`
    select t.at, t.finding_id, f.detection, t.turn, e.says, f.weight::float8 as weight, p.points::float8 as points,
      (select b.turn from finding_turn b where b.finding_id = t.finding_id and (b.at, b.id) < (t.at, t.id)
        order by b.at desc, b.id desc limit 1) as was
    from finding_turn t join finding f on f.id = t.finding_id join finding_evidence e on e.finding_id = f.id
    left join score_point p on p.place_id = ${placeIdOf(place)} and p.detection = f.detection
    where t.at >= ${range.from} and t.at < ${range.until} and ${there} and ${known(reach)}
    order by t.at desc, t.id desc limit ${most}`.execute(db)
  return rows
}
