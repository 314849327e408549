import { sql } from 'kysely'
import { newId } from '../../db/new-id.ts'
import type { Db } from '../../db/connect.ts'
import type { ReplayedPolicy } from '../../db/tables/replays.ts'
import { factsOf } from '../../decision/policy-facts.ts'
import type { PolicyInForce } from '../../decision/policy-judge.ts'
import { createConfigReplay } from '../../decision/config-replay.ts'
import { createReplay, type Turned } from '../../decision/policy-replay.ts'
import { policiesInForce } from '../../decision/policy-store.ts'
import { recordedConfigs } from '../pipelines/service.ts'
import { countRecorded, recordedDecisions, type RecordedDecision } from '../decisions/service.ts'

/** Decisions that are read, asked and written at a time: memory stays at one slice, however many there are. */
const sliceSize = 1_000

/** The set as it would be enforced: what is enforced now, with the changes. */
function proposedSet(
  enforced: readonly PolicyInForce[],
  changes: readonly ReplayedPolicy[],
): PolicyInForce[] {
  const changed = new Set(changes.map(({ policyId }) => policyId))
  const kept = enforced.filter(({ id }) => !changed.has(id))
  const put = changes.filter(({ removed }) => !removed)
  return [
    ...kept,
    ...put.map(({ policyId, name, version, text }): PolicyInForce => {
      const id = policyId ?? newId()
      return { id, name, version: version ?? 0, mode: 'enforce', text }
    }),
  ]
}

/**
 * Asks everything of a replay's slice, oldest first. Ends early when somebody cancels: every slice says how far it is,
 * and finds out so.
 */
export async function runReplay(db: Db, id: string): Promise<void> {
  const replay = await db.selectFrom('replay').where('id', '=', id).selectAll().executeTakeFirst()
  if (!replay) return
  const { changes, projectId, contextId, action } = replay
  const slice = { from: replay.fromAt, until: replay.untilAt, projectId, contextId, action }
  const enforced = (await policiesInForce(db)).filter(({ mode }) => mode === 'enforce')
  const proposed = proposedSet(enforced, changes)
  const asking = createReplay(enforced, proposed)
  const configs = createConfigReplay(enforced, proposed)
  const numbers = new Map<Turned, number>()
  let [done, untold] = [0, 0]
  const progress = async (values: { total?: number } = {}) => {
    const { numUpdatedRows } = await db
      .updateTable('replay')
      .set({
        ...values,
        done,
        untold,
        distinctFacts: asking.distinct(),
        progressedAt: sql<Date>`clock_timestamp()`,
      })
      .where('id', '=', id)
      .where('state', '=', 'running')
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }
  if (!(await progress({ total: await countRecorded(db, slice) }))) return
  let after: readonly [string, string] | undefined
  for (;;) {
    const rows = await recordedDecisions(db, slice, {
      newest: false,
      limit: sliceSize,
      ...(after && { after }),
    })
    const turned: { row: RecordedDecision; turned: Turned }[] = []
    const checks = configs ? rows.filter(({ action }) => action === 'pipeline:check') : []
    for await (const { row, config } of recordedConfigs(db, checks)) {
      const found = configs?.ask(config)
      if (found) turned.push({ row, turned: found })
    }
    const known = new Set(turned.map(({ row }) => row))
    for (const row of rows) {
      if (known.has(row)) continue
      // What a restriction or a missing grant refused, no policy permits.
      if (row.refused) continue
      const facts = factsOf(row)
      if (!facts) {
        untold++
        continue
      }
      const found = asking.ask(facts)
      if (found) turned.push({ row, turned: found })
    }
    await write(db, id, turned, numbers)
    done += rows.length
    if (!(await progress())) return
    const last = rows.at(-1)
    if (!last || rows.length < sliceSize) break
    after = [last.place, last.id]
  }
  await db
    .updateTable('replay')
    .set({ state: 'done', finishedAt: sql<Date>`clock_timestamp()` })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute()
}

/** Each trace once, and the decisions that it stands for. */
async function write(
  db: Db,
  replayId: string,
  turned: readonly { row: RecordedDecision; turned: Turned }[],
  numbers: Map<Turned, number>,
): Promise<void> {
  if (turned.length === 0) return
  const fresh = [...new Set(turned.map((each) => each.turned))].filter((one) => !numbers.has(one))
  for (const one of fresh) numbers.set(one, numbers.size)
  if (fresh.length > 0) {
    await db
      .insertInto('replayTrace')
      .values(
        fresh.map((one) => ({
          replayId,
          number: numbers.get(one) ?? 0,
          before: JSON.stringify([one.before]),
          after: JSON.stringify([one.after]),
          sentence: one.sentence,
        })),
      )
      .execute()
  }
  await db
    .insertInto('replayChanged')
    .values(
      turned.map(({ row, turned: one }) => ({
        replayId,
        decisionId: row.id,
        // To the microsecond, which a `Date` does not hold.
        at: sql<Date>`${row.place}::timestamptz`,
        newlyDenied: one.newlyDenied,
        number: numbers.get(one) ?? 0,
      })),
    )
    .execute()
}
