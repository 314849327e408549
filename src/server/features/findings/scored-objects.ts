import { sql, type RawBuilder } from 'kysely'
import type { FindingSubject } from '../../../contract/findings.ts'
import type { Db } from '../../db/connect.ts'
import { grantHolds } from '../../decision/live-grant.ts'
import { catalogue } from './catalogue.ts'
import { daysBefore, organizationId } from './detection.ts'
import { reviewedDays } from './review-detections.ts'

export type PlaceKind = 'organization' | 'segment' | 'project' | 'context' | 'person'

/** Of one detection in one place. */
export interface Counted {
  /** Objects that it could be found of, and of which it can be told. */
  readonly objects: number
  /** Those of them that it was found of. */
  readonly affected: number
  /** Objects that it could be found of, but of which nothing can be told. */
  readonly untold: number
}

type Places = Readonly<Partial<Record<Exclude<PlaceKind, 'organization'>, RawBuilder<unknown>>>>

/** The objects of a kind that count, as `y`, and in which places each of them lies: as the findings of it do. */
interface Population {
  readonly from: (now: Date) => RawBuilder<unknown>
  readonly places: Places
}

const table = (name: string, places: Places = {}): Population => ({
  from: () => sql`${sql.table(name)} y`,
  places,
})

const populations: Readonly<Record<FindingSubject, Population>> = {
  organization: { from: () => sql`(select ${organizationId}::uuid as id) y`, places: {} },
  person: table('person', { person: sql`y.id` }),
  team: table('team'),
  role: table('role'),
  grant: {
    from: (now) => sql`(
      select g.*, coalesce(g.segment_id, p.segment_id, c.segment_id) as around_id from access_grant g
      left join project p on p.id = g.project_id left join context c on c.id = g.context_id where ${grantHolds(now)}) y`,
    places: {
      project: sql`y.project_id`,
      context: sql`y.context_id`,
      segment: sql`y.around_id`,
    },
  },
  segment: table('segment', { segment: sql`y.id` }),
  project: table('project', { project: sql`y.id`, segment: sql`y.segment_id` }),
  context: table('context', { context: sql`y.id`, segment: sql`y.segment_id` }),
  policy: { from: () => sql`(select * from policy where mode <> 'draft') y`, places: {} },
  issuer: table('issuer'),
  trustRule: {
    from: () => sql`(
      select t.*, p.segment_id from trust_rule t left join project p on p.id = t.project_id) y`,
    places: { project: sql`y.project_id`, segment: sql`y.segment_id` },
  },
  lease: {
    from: (now) => sql`(
      select l.*, p.segment_id from lease l left join project p on p.id = l.project_id
      where l.issued_at > ${daysBefore(now, 90)}) y`,
    places: { project: sql`y.project_id`, segment: sql`y.segment_id` },
  },
  apiToken: {
    from: (now) =>
      sql`(select * from api_token where revoked_at is null and expires_at > ${now}) y`,
    places: { person: sql`y.person_id` },
  },
  review: {
    from: (now) => sql`(
      select * from review where state = 'closed' and closed_at > ${daysBefore(now, reviewedDays)}) y`,
    places: { context: sql`y.context_id`, segment: sql`y.segment_id` },
  },
}

/** The objects of a kind as `x`, once for each place of a kind that they lie in; nothing where they lie in none. */
function located(subject: FindingSubject, kind: PlaceKind, now: Date) {
  const { from, places } = populations[subject]
  if (kind === 'organization')
    return sql`(select y.*, ${organizationId}::uuid as place_id from ${from(now)}) x`
  // What a team holds is held by each of its members.
  if (subject === 'grant' && kind === 'person') {
    return sql`(select y.*, y.person_id as place_id from ${from(now)} where y.person_id is not null
      union all select y.*, m.person_id from ${from(now)} join team_member m on m.team_id = y.team_id) x`
  }
  // One that opened several contexts lies in none of them, as its finding.
  if (subject === 'lease' && kind === 'context') {
    return sql`(select y.*, o.context_id as place_id from ${from(now)} join lease_context o on o.lease_id = y.id
      where not exists (select from lease_context b where b.lease_id = y.id and b.context_id <> o.context_id)) x`
  }
  const place = places[kind]
  return place && sql`(select y.*, ${place} as place_id from ${from(now)}) x`
}

const subjects = Object.keys(populations) as FindingSubject[]

/** What is counted of one kind of object in each place, in one pass over them. */
function countsOf(subject: FindingSubject, kind: PlaceKind, now: Date, placeId?: string) {
  const from = located(subject, kind, now)
  const detections = catalogue.filter((one) => one.subject === subject)
  if (!from || detections.length === 0) return []
  const counts = detections.map(({ id, among, tells }) => {
    const could = among?.(now) ?? sql`true`
    const told = tells ? sql`(${tells.of(now)})` : sql`true`
    const found = sql`exists (select from finding f
      where f.detection = ${sql.lit(id)} and f.subject_id = x.id and f.state in ('open', 'accepted'))`
    // What was found is told, whatever is known of it by now.
    return sql`${sql.lit(id)}, jsonb_build_object(
      'affected', count(*) filter (where ${found}),
      'objects', count(*) filter (where ((${could}) and ${told} is true) or ${found}),
      'untold', ${tells ? sql`count(*) filter (where (${could}) and ${told} is not true and not ${found})` : sql`0`})`
  })
  const where = placeId ? sql`x.place_id = ${placeId}` : sql`x.place_id is not null`
  return [
    sql`select x.place_id, jsonb_build_object(${sql.join(counts)}) as counts from ${from} where ${where} group by x.place_id`,
  ]
}

/** What each detection comes to in each place of a kind, or in one: a place without objects is left out. */
export async function countsIn(
  db: Db,
  kind: PlaceKind,
  now: Date,
  placeId?: string,
): Promise<Map<string, ReadonlyMap<string, Counted>>> {
  const all = subjects.flatMap((subject) => countsOf(subject, kind, now, placeId))
  const { rows } = await sql<{
    placeId: string
    counts: Readonly<Record<string, Counted>>
  }>`${sql.join(all, sql` union all `)}`.execute(db)
  return new Map(
    [...Map.groupBy(rows, (row) => row.placeId)].map(([id, some]) => [
      id,
      new Map(some.flatMap(({ counts }) => Object.entries(counts))),
    ]),
  )
}
