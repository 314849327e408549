import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Db } from '../../db/connect.ts'
import type { AskedThen } from '../../db/tables/decisions.ts'
import type { RunFacts } from '../../decision/run-facts.ts'
import { visible, type Reader } from './visible.ts'

/** Which recorded decisions are asked again. */
export interface RecordedSlice {
  readonly from: Date
  readonly until: Date
  readonly projectId?: string | null
  readonly contextId?: string | null
  readonly action?: string | null
  /** Further conditions; the row is named `decision`. */
  readonly where?: readonly RawBuilder<SqlBool>[]
}

function sliced(db: Db, { from, until, projectId, contextId, action, where = [] }: RecordedSlice) {
  let select = db
    .selectFrom('decision')
    .where('decision.at', '>=', from)
    .where('decision.at', '<', until)
  if (projectId) select = select.where('decision.projectId', '=', projectId)
  if (contextId) select = select.where('decision.contextId', '=', contextId)
  if (action) select = select.where('decision.action', '=', action)
  for (const condition of where) select = select.where(condition)
  return select
}

/** A layer denied that no policy can permit; the row is named `decision`. */
export const refusedBeside = (
  layer: string,
) => sql<boolean>`(decision.outcome = 'denied' and exists (
  select from jsonb_array_elements(decision.layers) l
  where l ->> 'layer' <> ${layer} and l ->> 'verdict' in ('denied', 'error')))`

/** Of decisions about runs: those whose run was known to be its project's. Nothing but a trust rule says that. */
export const identityKnown = sql<SqlBool>`not exists (
  select from jsonb_array_elements(decision.layers) l
  where l ->> 'layer' = 'identity' and l ->> 'verdict' in ('denied', 'error'))`

/** One slice of recorded decisions, with what is needed to ask them again; `place` is where the next begins. */
export async function recordedDecisions(
  db: Db,
  slice: RecordedSlice,
  { newest, limit, after }: { newest: boolean; limit: number; after?: readonly [string, string] },
) {
  const order = newest ? 'desc' : 'asc'
  let select = sliced(db, slice)
    .select([
      'decision.id',
      'decision.at',
      'decision.actorKind',
      'decision.actorId',
      'decision.actorName',
      'decision.action',
      'decision.resourceKind',
      'decision.resourceId',
      'decision.resourceName',
      'decision.projectId',
      'decision.contextId',
      'decision.outcome',
      'decision.facts',
      'decision.run',
      'decision.asked',
      'decision.claims',
    ])
    .select([
      sql<string>`decision.at::text`.as('place'),
      refusedBeside('policy').as('refused'),
      // Decisions of before the place was recorded: as the context lies now.
      sql<string | null>`(select segment_id from context c where c.id = decision.context_id
        and decision.asked is null)`.as('segmentNow'),
    ])
    .orderBy('decision.at', order)
    .orderBy('decision.id', order)
    .limit(limit)
  if (after) {
    select = select.where(
      newest
        ? sql<SqlBool>`(decision.at, decision.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
        : sql<SqlBool>`(decision.at, decision.id) > (${after[0]}::timestamptz, ${after[1]}::uuid)`,
    )
  }
  const rows = await select.execute()
  return rows.map((row) => {
    const { segmentNow } = row
    const asked: AskedThen | null = row.asked ?? (segmentNow ? { segment: segmentNow } : null)
    return Object.assign(row, { asked })
  })
}
export type RecordedDecision = Awaited<ReturnType<typeof recordedDecisions>>[number]

export async function countRecorded(db: Db, slice: RecordedSlice): Promise<number> {
  const { count } = await sliced(db, slice)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** One decision of those that the reader may see, as it was asked. */
export async function recordedDecision(db: Db, reader: Reader, id: string) {
  const slice = {
    from: new Date(0),
    until: new Date(8.64e12),
    where: [visible(reader), sql<SqlBool>`decision.id = ${id}`],
  }
  const [row] = await recordedDecisions(db, slice, { newest: true, limit: 1 })
  return row
}

/** The run of a decision, at its time. */
export const recordedRun = ({ run, at }: Pick<RecordedDecision, 'run' | 'at'>) =>
  run && ({ ...(run as unknown as Omit<RunFacts, 'now'>), now: at } satisfies RunFacts)
