import { sql, type RawBuilder } from 'kysely'
import type { ControlRef } from '../../../contract/control-refs.ts'
import type { CicdRisk, FindingSubject, FixOpens, Severity } from '../../../contract/findings.ts'
import type { EvidenceRow } from '../../db/tables/findings.ts'

/** A place of a finding, by which it is narrowed; and by which what was changed is told to concern it. */
export type FindingColumn = 'subject_id' | 'person_id' | 'project_id' | 'context_id' | 'segment_id'

/** What a detection's query answers: one row for each finding. */
export interface Found {
  readonly subjectId: string
  readonly subjectName: string
  readonly says: string
  readonly personId: string | null
  readonly projectId: string | null
  readonly contextId: string | null
  readonly segmentId: string | null
  /** At most `mostRows` that prove it, and a few that are proposed. */
  readonly rows: EvidenceRow[]
  readonly more: number
}

/** One kind of risk that is looked for: what it is, and one query over live data. */
export interface Detection {
  /** Lower case with hyphens; stands in events and addresses, never changes. */
  readonly id: string
  readonly title: string
  /** Why it matters, in a sentence or two. */
  readonly why: string
  readonly severity: Severity
  /** OWASP Top 10 CI/CD Security Risks. */
  readonly cicdRisk: CicdRisk
  readonly controls: readonly ControlRef[]
  readonly subject: FindingSubject
  /** Which `x` of its subject's kind it could be found of, where not of all of them: what a score counts it by. */
  readonly among?: (now: Date) => RawBuilder<unknown>
  /** Of which of those something can be said, and why not of others: what cannot be told is not taken for in order. */
  readonly tells?: { readonly of: (now: Date) => RawBuilder<unknown>; readonly otherwise: string }
  readonly fix: { readonly label: string; readonly opens: FixOpens; readonly on: FindingColumn }
  /**
   * After a change of an object of this kind, the findings with its id in the column are looked at again; all of them where
   * it says `all`. What is not named waits for the night.
   */
  readonly heeds: Readonly<Record<string, FindingColumn | 'all'>>
  /** Looked at every ten minutes as well: what only time or runs bring about. */
  readonly often?: true
  /** It says nothing until the record goes back as many days: what was not recorded is not taken for unused. */
  readonly recordedDays?: number
  /** Columns as in `Found`, in the database's spelling; `now` is the only clock. */
  readonly query: (now: Date) => RawBuilder<unknown>
}

/** The organization as the subject of a finding. */
export const organizationId = '00000000-0000-0000-0000-000000000000'

/** Rows of evidence that are kept of a finding; `more` says how many further there are. */
export const mostRows = 20

export const daysBefore = (now: Date, days: number) => new Date(now.getTime() - days * 86_400_000)

/** One row of evidence, built in the database. */
export const evidence = (
  members: Readonly<Partial<Record<keyof EvidenceRow, RawBuilder<unknown>>>>,
) =>
  sql`jsonb_strip_nulls(jsonb_build_object(${sql.join(
    Object.entries(members).flatMap(([name, value]) => [sql.lit(name), value]),
  )}))`

/** The first rows of evidence of a group, in an order. */
export const firstRows = (row: RawBuilder<unknown>, order: RawBuilder<unknown>) =>
  sql`to_jsonb((array_agg(${row} order by ${order}))[1:${sql.lit(mostRows)}])`

export const moreRows = sql`greatest(count(*) - ${sql.lit(mostRows)}, 0)::int`

/** Of a query whose findings lie in no place. */
export const nowhere = sql`null::uuid as person_id, null::uuid as project_id, null::uuid as context_id, null::uuid as segment_id`

/** Of a query whose findings are of the person `p`. */
export const inPerson = sql`p.id as person_id, null::uuid as project_id, null::uuid as context_id, null::uuid as segment_id`

/** Of a query whose findings lie in the project `p`. */
export const inProject = sql`null::uuid as person_id, p.id as project_id, null::uuid as context_id, p.segment_id`
