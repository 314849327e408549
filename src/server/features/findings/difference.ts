import { sql } from 'kysely'
import type { FindingState } from '../../../contract/findings.ts'
import type { Db } from '../../db/connect.ts'
import type { Detection, FindingColumn, Found } from './detection.ts'

/** Which findings of a detection are looked at: those with one of the ids in the column; all where nothing is said. */
export interface Focus {
  readonly column: FindingColumn
  readonly ids: readonly string[]
}

/** What of a detection is not any more as it was last seen. */
export interface Difference {
  /** Nothing where what proved it has gone. */
  readonly found: Found | undefined
  readonly known:
    | { readonly id: string; readonly state: FindingState; readonly version: number }
    | undefined
  /** How it is called in the event of its end. */
  readonly subjectName: string
  readonly projectId: string | null
  readonly contextId: string | null
  /** A mute or an acceptance that is over: its time is, or whoever answers for it has left. */
  readonly lapsed: boolean
}

interface DifferenceRow extends Omit<Found, 'subjectId'> {
  readonly subjectId: string | null
  readonly findingId: string | null
  readonly state: FindingState | null
  readonly version: number | null
  readonly lapsed: boolean | null
  readonly knownName: string | null
  readonly knownProjectId: string | null
  readonly knownContextId: string | null
}

/** Of a finding `k`; what is neither muted nor accepted has no time. */
const isOver = (now: Date) => sql<boolean>`(k.until is not null and (k.until <= ${now}
  or exists (select from person p where p.id = k.owner_id and p.state = 'left')))`

/** Of which subjects a detection's findings are to be looked at again, since a mute or an acceptance is over. */
export async function overSince(db: Db, now: Date): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ detection: string; subjects: string[] }>`
    select k.detection, array_agg(k.subject_id) as subjects from finding k
    join finding_look l on l.detection = k.detection and l.fault is null
    where ${isOver(now)} group by 1`.execute(db)
  return new Map(rows.map(({ detection, subjects }) => [detection, subjects]))
}

/** Asks the detection, and compares with what is stored, in one statement: only what differs leaves the database. */
export async function differences(
  db: Db,
  detection: Detection,
  now: Date,
  focus?: Focus,
): Promise<Difference[]> {
  const column = sql.ref(`f.${focus?.column ?? 'subject_id'}`)
  const ids = sql`any(${sql.val([...(focus?.ids ?? [])])}::uuid[])`
  const focused = focus ? sql`where ${column} = ${ids}` : sql``
  // By index each, or one change would cost a look through everything that was ever found.
  const candidates = !focus
    ? sql``
    : focus.column === 'subject_id'
      ? sql`and k.subject_id = ${ids}`
      : sql`and k.id in (
          select finding_id from finding_evidence where ${sql.ref(focus.column)} = ${ids}
          union select o.id from found join finding o on o.subject_id = found.subject_id and o.detection = ${detection.id})`
  const { rows } = await sql<DifferenceRow>`
    with found as materialized (select f.* from (${detection.query(now)}) f ${focused}),
    known as (
      select k.*, ${isOver(now)} as over, e.says, e.rows, e.more, e.subject_name, e.person_id, e.project_id, e.context_id, e.segment_id
      from finding k left join finding_evidence e on e.finding_id = k.id
      where k.detection = ${detection.id} ${candidates})
    select f.*, k.id as finding_id, k.state, k.version, k.subject_name as known_name,
      k.project_id as known_project_id, k.context_id as known_context_id,
      k.over as lapsed
    from found f full join known k on k.subject_id = f.subject_id
    where k.id is null
      or (f.subject_id is null and k.state <> 'resolved')
      or (f.subject_id is not null and (k.state = 'resolved' or k.over
        or (f.says, f.rows, f.more, f.subject_name, f.person_id, f.project_id, f.context_id, f.segment_id)
          is distinct from (k.says, k.rows, k.more, k.subject_name, k.person_id, k.project_id, k.context_id, k.segment_id)))`.execute(
    db,
  )
  return rows.map(({ findingId, state, version, lapsed, ...row }) => ({
    found: row.subjectId === null ? undefined : { ...row, subjectId: row.subjectId },
    known: findingId && state && version !== null ? { id: findingId, state, version } : undefined,
    subjectName: row.subjectName ?? row.knownName ?? detection.title,
    projectId: row.projectId ?? row.knownProjectId,
    contextId: row.contextId ?? row.knownContextId,
    lapsed: lapsed === true,
  }))
}
