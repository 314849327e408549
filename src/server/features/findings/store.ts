import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { FindingState, FindingSubject } from '../../../contract/findings.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import type { EvidenceRow, FindingTurn } from '../../db/tables/findings.ts'
import type { Reach } from '../../decision/types.ts'
import { detectionsOf } from './catalogue.ts'
import type { Found } from './detection.ts'

/** Where findings may be known of, and where the objects are that they are about. */
export interface Known {
  readonly findings: Reach
  readonly subjects: ReadonlyMap<FindingSubject, Reach>
}

export type Filters = Omit<InputOf<'findings.list'>, 'cursor' | 'limit'>

const within = (reach: Reach) => sql<SqlBool>`(${reach.everywhere}::boolean
  or e.segment_id = any(${sql.val([...reach.segments])}::uuid[])
  or e.project_id = any(${sql.val([...reach.projects])}::uuid[])
  or e.context_id = any(${sql.val([...reach.contexts])}::uuid[]))`

export const known = ({ findings, subjects }: Known): RawBuilder<SqlBool> =>
  sql`${within(findings)} and case e.subject_kind ${sql.join(
    [...subjects].map(([kind, reach]) => sql`when ${kind} then ${within(reach)}`),
    sql` `,
  )} else true end`

/** That a finding lies in a place: of a person also by what their teams hold, which they hold with the others. */
export const liesIn = (kind: 'person' | 'project' | 'context' | 'segment', id: string) =>
  kind === 'person'
    ? sql<SqlBool>`(e.person_id = ${id} or (e.subject_kind = 'grant' and f.subject_id in (
        select g.id from access_grant g join team_member m on m.team_id = g.team_id where m.person_id = ${id})))`
    : sql<SqlBool>`${sql.ref(`e.${kind}_id`)} = ${id}`

const chosen = (
  { state, severity, detection, risk, person, project, context, segment }: Filters,
  weight?: number,
) =>
  sql.join(
    [
      sql`true`,
      ...(state === 'any' ? [] : [sql`f.state = ${state}`]),
      ...(severity && weight !== undefined ? [sql`f.weight = ${weight}`] : []),
      ...(detection ? [sql`f.detection = ${detection}`] : []),
      ...(risk ? [sql`f.detection = any(${sql.val(detectionsOf(risk))}::text[])`] : []),
      ...(person ? [liesIn('person', person)] : []),
      ...(project ? [liesIn('project', project)] : []),
      ...(context ? [liesIn('context', context)] : []),
      ...(segment ? [liesIn('segment', segment)] : []),
    ],
    sql` and `,
  )

const columns = sql`f.id, f.detection, f.subject_id, f.state, f.opened_at, f.resolved_at, f.until, f.reason, f.version,
  f.owner_id, o.name as owner_name, e.subject_kind, e.subject_name, e.says, e.person_id, e.project_id, e.context_id,
  e.segment_id, hp.name as person_name, pr.name as project_name, c.name as context_name`
const tables = sql`finding f join finding_evidence e on e.finding_id = f.id
  left join person o on o.id = f.owner_id left join person hp on hp.id = e.person_id
  left join project pr on pr.id = e.project_id left join context c on c.id = e.context_id`

export interface FindingRow extends Omit<Found, 'rows' | 'more'> {
  readonly id: string
  readonly detection: string
  readonly state: FindingState
  readonly openedAt: Date
  readonly resolvedAt: Date | null
  readonly until: Date | null
  readonly reason: string | null
  readonly version: number
  readonly ownerId: string | null
  readonly ownerName: string | null
  readonly subjectKind: FindingSubject
  readonly personName: string | null
  readonly projectName: string | null
  readonly contextName: string | null
}

/** The worst first, of these the newest. */
export async function listFindings(
  db: Db,
  reach: Known,
  filters: Filters,
  page: { readonly limit: number; readonly weight?: number; readonly after?: readonly string[] },
): Promise<(FindingRow & { readonly weight: number })[]> {
  const { after } = page
  const beyond = after
    ? sql`and (f.weight, f.opened_at, f.id) < (${Number(after[0])}::real, ${after[1]}::timestamptz, ${after[2]}::uuid)`
    : sql``
  const { rows } = await sql<FindingRow & { weight: number }>`
    select ${columns}, f.weight from ${tables}
    where ${known(reach)} and ${chosen(filters, page.weight)} ${beyond}
    order by f.weight desc, f.opened_at desc, f.id desc limit ${page.limit + 1}`.execute(db)
  return rows
}

/** The same, only to be counted, up to so many; those that were there at a moment. */
export const someFindings = (
  reach: Known,
  filters: Filters,
  page: { readonly limit: number; readonly weight?: number; readonly by: Date },
): RawBuilder<unknown> => sql`
  select from finding f join finding_evidence e on e.finding_id = f.id
  where ${known(reach)} and ${chosen(filters, page.weight)} and f.opened_at <= ${page.by}
  limit ${page.limit}`

export async function findingById(db: Db, id: string): Promise<FindingRow | undefined> {
  const { rows } = await sql<FindingRow>`
    select ${columns} from ${tables} where f.id = ${id}`.execute(db)
  return rows[0]
}

export async function findingsById(
  db: Db,
  reach: Known,
  ids: readonly string[],
): Promise<FindingRow[]> {
  const { rows } = await sql<FindingRow>`
    select ${columns} from ${tables} where f.id = any(${sql.val([...ids])}::uuid[]) and ${known(reach)}`.execute(
    db,
  )
  return rows
}

/** The worst that stand open of some detections, and how many there are in all. */
export async function findingsAmong(
  db: Db,
  reach: Known,
  detections: readonly string[],
  most: number,
): Promise<(FindingRow & { readonly total: number })[]> {
  const { rows } = await sql<FindingRow & { total: number }>`
    select ${columns}, count(*) over ()::int as total from ${tables}
    where f.detection = any(${sql.val([...detections])}::text[]) and f.state = 'open' and ${known(reach)}
    order by f.weight desc, f.opened_at desc, f.id desc limit ${most}`.execute(db)
  return rows
}

interface FacetRow {
  readonly state: FindingState
  readonly weight: number
  readonly detection: string
  readonly count: number
}

/** Counted by everything that one filters by, under every filter but those three. */
export async function countFindings(db: Db, reach: Known, filters: Filters): Promise<FacetRow[]> {
  const { severity: _, detection: __, ...rest } = filters
  const { rows } = await sql<FacetRow>`
    select f.state, f.weight, f.detection, count(*)::int as count
    from finding f join finding_evidence e on e.finding_id = f.id
    where ${known(reach)} and ${chosen({ ...rest, state: 'any' })} group by 1, 2, 3`.execute(db)
  return rows
}

export interface Proof {
  readonly rows: readonly EvidenceRow[]
  readonly more: number
}

/** What proves each of them. */
export async function evidenceOf(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Proof>> {
  const rows = await db
    .selectFrom('findingEvidence')
    .where('findingId', '=', sql<string>`any(${sql.val([...ids])}::uuid[])`)
    .select(['findingId', 'rows', 'more'])
    .execute()
  return new Map(rows.map(({ findingId, ...proof }) => [findingId, proof]))
}

export const turnsOf = (db: Db, id: string) =>
  db
    .selectFrom('findingTurn')
    .leftJoin('person', 'person.id', 'findingTurn.byId')
    .where('findingId', '=', id)
    .orderBy('at', 'desc')
    .orderBy('findingTurn.id', 'desc')
    .limit(100)
    .select(['turn', 'at', 'byId', 'person.name as byName', 'reason', 'until'])
    .execute()

export const looks = (db: Db) => db.selectFrom('findingLook').selectAll().execute()

export interface Told {
  readonly state: 'open' | 'muted' | 'accepted'
  readonly turn: FindingTurn
  readonly reason: string
  readonly until: Date | null
  readonly ownerId: string | null
  readonly by: string | null
  readonly at: Date
}

/** False when it is not in that version any more. */
export async function turnFinding(
  db: Db,
  id: string,
  version: number,
  told: Told,
): Promise<boolean> {
  const { state, turn, reason, until, ownerId, by, at } = told
  const written = await db
    .updateTable('finding')
    .set({
      state,
      until,
      ownerId,
      reason: state === 'open' ? null : reason,
      decidedBy: state === 'open' ? null : by,
      version: version + 1,
    })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  if (written.numUpdatedRows === 0n) return false
  await db
    .insertInto('findingTurn')
    .values({ id: newId(), findingId: id, at, turn, byId: by, reason, until })
    .execute()
  return true
}

/** When the record begins, what has left it set aside; nothing before anything happened. */
export async function recordedSince(db: Db): Promise<Date | undefined> {
  const row = await db
    .selectFrom('auditEntry')
    .select('occurredAt')
    .orderBy('leafIndex')
    .limit(1)
    .executeTakeFirst()
  return row?.occurredAt
}
