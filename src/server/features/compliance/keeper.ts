import { sql } from 'kysely'
import type { Config } from '../../config.ts'
import type { Database } from '../../db/connect.ts'
import { inTransaction } from '../../db/transaction.ts'
import { type AuditEvent, emitAll, sallyport } from '../../ledger/emit.ts'
import { checks, controls, type CataloguedControl } from './catalogue.ts'
import type { Answer } from './check.ts'
import { judge } from './judge.ts'
import { lastStates, lookedAt, takeOn, writeDays, writeTurns } from './store.ts'

/** How often states are recorded. */
const everyMs = 5 * 60_000

export interface KeeperParts {
  /** A pool with time for statements that read much. */
  readonly db: Database
  readonly config: Config
  readonly onError: (error: unknown) => void
  /** Another clock than the database's, for tests. */
  readonly now?: Date
}

/**
 * Records what live data says of each control: the last state of the day, and each change as an event. Any number of
 * servers may try: the one that moves the hand of `control_look` writes, in the same transaction.
 */
export async function keepControls({
  db,
  config,
  onError,
  now: given,
}: KeeperParts): Promise<void> {
  const before = await lookedAt(db)
  const { rows } = await sql<{ now: Date; looked: boolean }>`
    select clock_timestamp() as now, exists (select from score_day) as looked`.execute(db)
  const now = given ?? rows[0]?.now
  // Before findings were looked for the first time, half of the checks would not know.
  if (!now || !rows[0]?.looked) return
  // A look that lies in the future was before the clock was set back, and counts for nothing.
  if (before && before <= now && now.getTime() - before.getTime() < everyMs) return
  const answers = new Map<string, Answer>()
  for (const check of checks) {
    try {
      answers.set(check.id, await check.ask(db, { now, config }))
    } catch (error) {
      // One that fails keeps none of the others from being recorded; the states that turn on it stay as they were.
      onError(error)
    }
  }
  const states = controls
    .filter(({ asked }) => asked.every(({ id }) => answers.has(id)))
    .map((control) => {
      const { state, says } = judge(control, answers)
      return { control, id: control.id, state, says }
    })
  await inTransaction(db, { readOnly: false }, async (tx) => {
    if (!(await takeOn(tx, before, now))) return
    const last = await lastStates(tx)
    const turned = states.filter(({ id, state }) => last.get(id) !== state)
    const events = turned.flatMap(({ control, state, says, id }) => {
      const was = last.get(id)
      return was ? [changed(control, was, state, says)] : []
    })
    const begun = turned.length - events.length
    await writeTurns(
      tx,
      turned.map(({ id, state, says }) => ({ controlId: id, at: now, what: 'state', state, says })),
    )
    await writeDays(
      tx,
      now,
      states.map(({ id, state, says }) => ({ id, state, says })),
    )
    await emitAll(
      tx,
      [
        ...events,
        ...(begun > 0
          ? [{ ...system, action: 'compliance.begin', detail: { controls: begun } }]
          : []),
      ].map((event) => ({ at: now, event })),
    )
  })
}

const system = {
  actor: sallyport,
  outcome: 'permitted',
} as const

const changed = (
  { id, ref, title }: CataloguedControl,
  was: string,
  state: string,
  says: string,
): AuditEvent => ({
  ...system,
  action: 'compliance.change',
  resource: { kind: 'control', id, name: `${ref} ${title}` },
  before: { state: was },
  after: { state },
  detail: { says },
})
