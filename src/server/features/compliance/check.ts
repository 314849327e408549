import { sql, type RawBuilder } from 'kysely'
import type { CheckOpens, ControlState } from '../../../contract/compliance.ts'
import type { Config } from '../../config.ts'
import type { Db } from '../../db/connect.ts'
import type { EvidenceRow } from '../../db/tables/findings.ts'

/** What a check is asked with: the clock and the settings of this server. */
export interface Setting {
  readonly now: Date
  readonly config: Config
  /** This server's own clock, in milliseconds. */
  readonly clock?: () => number
}

/** A row that speaks for a control, or against it. */
export interface CheckRow extends EvidenceRow {
  readonly good: boolean
}

export interface Answer {
  readonly state: ControlState
  /** The answer with its figures, one or more sentences. */
  readonly says: string
  readonly rows: readonly CheckRow[]
  /** Rows beyond those. */
  readonly more: number
}

/** One question that is asked of live data. Several controls may turn on the same one. */
export interface Check {
  /** Lower case with hyphens; never changes. */
  readonly id: string
  /** The question, in words: what is counted, and when it counts as good. */
  readonly asks: string
  /** What would satisfy it. */
  readonly satisfy: string
  /** The list of the console in which its objects stand. */
  readonly list?: {
    readonly label: string
    readonly opens: CheckOpens
    readonly params?: Readonly<Record<string, string>>
  }
  readonly ask: (db: Db, setting: Setting) => Promise<Answer>
}

/** Rows that are shown of a check. */
export const mostRows = 20

/** Of one and of several: `['grant ends', 'grants end']`. */
type Words = readonly [one: string, many: string]

export interface ObjectWords {
  /** What is counted: `['active person', 'active people']`. */
  readonly of: Words
  /** What is said of the good ones, after their number: `['was seen', 'were seen']`. */
  readonly good: Words
  readonly bad: Words
  /** What is said where there is none of them. */
  readonly none: string
  /** One that is bad fails it, however many others are good. */
  readonly strict?: true
}

const say = ([one, many]: Words, n: number) => (n === 1 ? one : many)
const figure = new Intl.NumberFormat('en')

/** The state and the sentence of so many good ones among so many. */
export function judged(
  words: ObjectWords,
  good: number,
  total: number,
): Pick<Answer, 'state' | 'says'> {
  const { of, none, strict } = words
  const bad = total - good
  if (total === 0) return { state: 'not_measurable', says: none }
  if (bad === 0) {
    const all = total === 1 ? `The one ${of[0]}` : `All ${figure.format(total)} ${of[1]}`
    return { state: 'met', says: `${all} ${say(words.good, total)}.` }
  }
  const says = `Of ${figure.format(total)} ${say(of, total)}, ${figure.format(bad)} ${say(words.bad, bad)}.`
  return { state: strict || good === 0 ? 'not_met' : 'partly', says }
}

interface Counted {
  readonly total: number
  readonly good: number
  readonly rows: CheckRow[] | null
}

/**
 * A check that counts objects. Its query answers one row for each of them: `good`, and `what`, `kind`, `id`, `name`, `says`
 * and `at` as a row of evidence has them. What speaks against it is shown first, and where nothing does, what speaks for it.
 */
export const ofObjects =
  (words: ObjectWords, query: (setting: Setting) => RawBuilder<unknown>): Check['ask'] =>
  async (db, setting) => {
    const { rows: answered } = await sql<Counted>`
      with asked as materialized (select * from (${query(setting)}) q)
      select (select count(*)::int from asked) as total, (select count(*)::int from asked where good) as good,
        (select jsonb_agg(shown.row) from (
          select jsonb_strip_nulls(jsonb_build_object('what', what, 'kind', kind, 'id', id, 'name', name,
            'says', says, 'at', at, 'good', good)) as row
          from asked order by good, lower(name), id limit ${sql.lit(mostRows)}) shown) as rows`.execute(
      db,
    )
    const { total = 0, good = 0, rows } = answered[0] ?? {}
    return { ...judged(words, good, total), rows: rows ?? [], more: Math.max(0, total - mostRows) }
  }

/** The columns of a row of evidence; what is not given is nothing. */
export const row = (
  members: Readonly<
    Partial<Record<'what' | 'kind' | 'id' | 'name' | 'says' | 'at', RawBuilder<unknown>>>
  > & { readonly good: RawBuilder<unknown> },
) => sql`${members.good} as good, ${members.what ?? sql`null`}::text as what, ${members.kind ?? sql`null`}::text as kind,
  ${members.id ?? sql`null`}::text as id, ${members.name ?? sql`null`}::text as name,
  ${members.says ?? sql`null`}::text as says, ${members.at ?? sql`null`}::timestamptz as at`

/**
 * A check that a detection looks for already: its objects, and of each what was found. Muted and accepted findings count as
 * well, for what they tell of is still so.
 */
export const ofFindings =
  (
    words: ObjectWords,
    detections: readonly string[],
    /** `what`, `kind`, `id` (uuid), `name` and `at` of every object that it could be found of. */
    objects: (setting: Setting) => RawBuilder<unknown>,
  ): Check['ask'] =>
  async (db, setting) => {
    const looks = await db
      .selectFrom('findingLook')
      .select(['detection', 'fault'])
      .where('detection', 'in', [...detections])
      .execute()
    if (looks.filter(({ fault }) => fault === null).length < detections.length) {
      const says = 'It was not looked for yet, or could not be at the last time.'
      return { state: 'not_measurable', says, rows: [], more: 0 }
    }
    const found = sql`
      select f.subject_id, string_agg(e.says || case f.state when 'open' then '' else ' (' || f.state || ')' end, ' '
        order by f.weight desc) as says
      from finding f join finding_evidence e on e.finding_id = f.id
      where f.detection = any(${sql.val([...detections])}::text[]) and f.state <> 'resolved' group by 1`
    return ofObjects(
      words,
      (asked) => sql`
      select ${row({
        good: sql`found.subject_id is null`,
        what: sql`o.what`,
        kind: sql`o.kind`,
        id: sql`o.id`,
        name: sql`o.name`,
        says: sql`found.says`,
        at: sql`o.at`,
      })} from (${objects(asked)}) o left join (${found}) found on found.subject_id = o.id`,
    )(db, setting)
  }

/** A check of settings or of few facts that are at hand: each a row. */
export const ofFacts = (words: ObjectWords, rows: readonly CheckRow[]): Answer => ({
  ...judged(words, rows.filter(({ good }) => good).length, rows.length),
  rows: [...rows]
    .toSorted((one, other) => Number(one.good) - Number(other.good))
    .slice(0, mostRows),
  more: Math.max(0, rows.length - mostRows),
})
