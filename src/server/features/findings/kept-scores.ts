import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
import {
  arithmeticOf,
  placeIdOf,
  rounded,
  silences,
  type Arithmetic,
  type ScoredPlace,
} from './arithmetic.ts'
import { countsIn, type PlaceKind } from './scored-objects.ts'

/** Of these a score is kept each day; of the others, of which there are thousands, each day on which it is another. */
const daily: readonly PlaceKind[] = ['organization', 'segment']
const others: readonly PlaceKind[] = ['project', 'context', 'person']

/** Keeps what the organization and each segment come to today, and every other place where `all` is said. */
export async function keepScores(
  db: Db,
  now: Date,
  { all }: { readonly all: boolean },
): Promise<void> {
  const silent = await silences(db, now)
  for (const kind of all ? [...daily, ...others] : daily) {
    const counts = await countsIn(db, kind, now)
    const places = [...counts].flatMap(([placeId, count]) => {
      const arithmetic = arithmeticOf(count, silent)
      return arithmetic.score === undefined
        ? []
        : [{ placeId, score: arithmetic.score, arithmetic }]
    })
    const isDaily = daily.includes(kind)
    await keepDays(db, now, places, isDaily)
    if (isDaily) for (const place of places) await keepPoints(db, place)
  }
}

async function keepDays(
  db: Db,
  now: Date,
  places: readonly { readonly placeId: string; readonly score: number }[],
  everyDay: boolean,
): Promise<void> {
  await sql`
    insert into score_day (day, place_id, score)
    select today, n.place_id, n.score
    from unnest(${places.map(({ placeId }) => placeId)}::uuid[], ${places.map(({ score }) => rounded(score))}::real[]) as n(place_id, score),
      (select (${now}::timestamptz at time zone 'UTC')::date as today) t
    where ${everyDay}::boolean or n.score is distinct from (
      select score from score_day s where s.place_id = n.place_id and s.day <= today order by s.day desc limit 1)
    on conflict (place_id, day) do update set score = excluded.score`.execute(db)
}

/** What one finding of each detection takes there. */
async function keepPoints(
  db: Db,
  { placeId, arithmetic }: { readonly placeId: string; readonly arithmetic: Arithmetic },
): Promise<void> {
  const points = arithmetic.lines.map(({ detection, weight, objects }) => ({
    detection: detection.id,
    points: (100 * weight) / objects / arithmetic.weights,
  }))
  await sql`insert into score_point (place_id, detection, points)
    select ${placeId}, detection, points from json_to_recordset(${JSON.stringify(points)}::json)
      as p(detection text, points real)
    on conflict (place_id, detection) do update set points = excluded.points`.execute(db)
}

interface Kept {
  readonly day: Date
  readonly score: number
}

/** The last score of each day (UTC) between the two: one that is kept where it is another holds until then. */
export async function scoresBetween(
  db: Db,
  place: ScoredPlace,
  from: Date,
  until: Date,
): Promise<Kept[]> {
  const id = placeIdOf(place)
  const kept = sql`select day, score from score_day where place_id = ${id}`
  const query = daily.includes(place.kind)
    ? sql<Kept>`select day::timestamp at time zone 'UTC' as day, score::float8 as score from (${kept}) s
        where day >= ${from}::timestamptz::date and day < ${until}::timestamptz::date order by day`
    : sql<Kept>`select d.day at time zone 'UTC' as day, s.score::float8 as score
        from generate_series(date_trunc('day', ${from}::timestamptz at time zone 'UTC'),
          least(${until}::timestamptz, clock_timestamp()) at time zone 'UTC' - interval '1 second', interval '1 day') d(day)
        cross join lateral (${kept} and day <= d.day::date order by day desc limit 1) s order by d.day`
  return (await query.execute(db)).rows
}

const trendDays = 90

/** The score of each of the last 90 days that there is one of. */
export function trendOf(db: Db, place: ScoredPlace, now: Date): Promise<Kept[]> {
  const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000)
  return scoresBetween(db, place, inDays(1 - trendDays), inDays(trendDays))
}
