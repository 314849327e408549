import { sql } from 'kysely'
import type { ControlState } from '../../../contract/compliance.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'

export interface KeptControl {
  readonly id: string
  readonly ownerId: string | null
  readonly ownerName: string | null
  readonly note: string
  readonly version: number
}

const selectKept = (db: Db) =>
  db
    .selectFrom('control')
    .leftJoin('person', 'person.id', 'control.ownerId')
    .select(['control.id', 'ownerId', 'person.name as ownerName', 'note', 'control.version'])

/** What somebody has said of controls, by their ids. */
export async function keptControls(db: Db): Promise<ReadonlyMap<string, KeptControl>> {
  return new Map((await selectKept(db).execute()).map((kept) => [kept.id, kept]))
}

/** Of one of which nobody has said anything yet: nobody answers for it. */
export const untold = (id: string): KeptControl => ({
  id,
  ownerId: null,
  ownerName: null,
  note: '',
  version: 1,
})

export const keptControl = async (db: Db, id: string): Promise<KeptControl> =>
  (await selectKept(db).where('control.id', '=', id).executeTakeFirst()) ?? untold(id)

/** False when it is not in that version any more; one that is not there yet is in its first. */
export async function putControl(
  db: Db,
  { id, ownerId, note, version }: Omit<KeptControl, 'ownerName'>,
): Promise<boolean> {
  const written = await sql`
    insert into control (id, owner_id, note, version) values (${id}, ${ownerId}, ${note}, ${version + 1})
    on conflict (id) do update set owner_id = excluded.owner_id, note = excluded.note, version = excluded.version
      where control.version = ${version}`.execute(db)
  return written.numAffectedRows === 1n
}

interface Turned {
  readonly controlId: string
  readonly at: Date
  readonly what: 'state' | 'owner' | 'note'
  readonly state?: ControlState
  readonly says?: string
  readonly ownerId?: string | null
  readonly byId?: string | null
}

export async function writeTurns(db: Db, turns: readonly Turned[]): Promise<void> {
  if (turns.length === 0) return
  const nothing = { state: null, says: null, ownerId: null, byId: null }
  await db
    .insertInto('controlTurn')
    .values(turns.map((turn) => ({ ...nothing, ...turn, id: newId() })))
    .execute()
}

export const turnsOf = (db: Db, id: string) =>
  db
    .selectFrom('controlTurn as t')
    .leftJoin('person as by', 'by.id', 't.byId')
    .leftJoin('person as owner', 'owner.id', 't.ownerId')
    .where('controlId', '=', id)
    .orderBy('at', 'desc')
    .orderBy('t.id', 'desc')
    .limit(100)
    .select(['at', 'what', 't.state', 'says', 'byId', 'ownerId'])
    .select(['by.name as byName', 'owner.name as ownerName'])
    .execute()

/** The states of the last 90 days that there are any of, the oldest first. */
export async function daysOf(db: Db, id: string): Promise<{ day: string; state: ControlState }[]> {
  const { rows } = await sql<{ day: string; state: ControlState }>`
    select to_char(day, 'YYYY-MM-DD') as day, state from control_day where control_id = ${id}
    order by day desc limit 90`.execute(db)
  return rows.toReversed()
}

export const lookedAt = async (db: Db): Promise<Date | null> =>
  (await db.selectFrom('controlLook').select('at').executeTakeFirst())?.at ?? null

/** Takes it on to record what is due now: false when another server has taken it on since. */
export async function takeOn(db: Db, before: Date | null, now: Date): Promise<boolean> {
  const taken =
    await sql`update control_look set at = ${now} where at is not distinct from ${before}::timestamptz`.execute(
      db,
    )
  return taken.numAffectedRows === 1n
}

/** The last recorded state of each control. */
export async function lastStates(db: Db): Promise<ReadonlyMap<string, ControlState>> {
  const { rows } = await sql<{ controlId: string; state: ControlState }>`
    select distinct on (control_id) control_id, state from control_turn where what = 'state'
    order by control_id, at desc, id desc`.execute(db)
  return new Map(rows.map(({ controlId, state }) => [controlId, state]))
}

export async function writeDays(
  db: Db,
  now: Date,
  states: readonly { readonly id: string; readonly state: ControlState; readonly says: string }[],
): Promise<void> {
  if (states.length === 0) return
  await sql`
    insert into control_day (control_id, day, state, says)
    select id, (${now}::timestamptz at time zone 'UTC')::date, state, says
    from json_to_recordset(${JSON.stringify(states)}::json) as s(id text, state text, says text)
    on conflict (control_id, day) do update set state = excluded.state, says = excluded.says`.execute(
    db,
  )
}
