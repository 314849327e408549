import { sql } from 'kysely'
import type { PoolClient } from 'pg'
import { preparing, type Database, type Db } from '../../db/connect.ts'
import { applyDifferences } from './apply.ts'
import { catalogue } from './catalogue.ts'
import type { Detection, FindingColumn } from './detection.ts'
import { differences, overSince, type Focus } from './difference.ts'
import { changedSince, heededUpTo, type Changed } from './heed.ts'
import { judgeExpressions } from './judged-expressions.ts'
import { keepScores } from './kept-scores.ts'
import { foldNetworks, forgetNetworks } from './networks.ts'

export interface FindingRunner {
  /** Looks now, and from then on again and again. */
  start(): void
  /** Looks once at what was changed, and at what is due; `all` at everything. Resolves when no look is under way. */
  look(how?: LookOptions): Promise<void>
  close(): Promise<void>
}

interface LookOptions {
  readonly all?: boolean
  /** Another clock than the database's, for tests: what is old then. */
  readonly now?: Date
}

interface RunnerParts {
  /** A pool of its own, with time for statements that read everything. */
  readonly db: Database
  readonly onError: (error: unknown) => void
  /** How often this server looks whether something was changed. */
  readonly everyMs?: number
  readonly detections?: readonly Detection[]
}

/** Of one server at a time, as long as its connection lives. */
const lockKey = 5_270_190
const minute = 60_000

/**
 * Looks for findings: after each change at what it concerns, when a mute is over at what it hid, each night at everything. Whatever stops it, the next look
 * goes on: how far the record was heeded and when each detection saw everything are in the database, and each turn of a
 * finding is one transaction with its event.
 */
export function createFindingRunner(parts: RunnerParts): FindingRunner {
  const { db, onError, everyMs = 2_000, detections = catalogue } = parts
  let looking: Promise<void> = Promise.resolve()
  let busy = false
  let closed = false
  /** A finding turned since the scores were kept, which costs too much to be done after each change. */
  let moved = false
  let keptAt = -Infinity
  let timer: NodeJS.Timeout | undefined
  /** For what is asked all day long: to plan where one change concerns something takes ten times as long as to look. */
  const planned = preparing(db)

  const lookAt = async (detection: Detection, now: Date, by: Db, focus?: Focus) => {
    const began = performance.now()
    try {
      const all = await differences(by, detection, now, focus)
      const turned = await applyDifferences(db, detection, all)
      if (turned > 0) moved = true
      if (!focus) await noteLook(planned, detection.id, now, performance.now() - began, null)
    } catch (error) {
      // One that cannot be looked for keeps none of the others from it, and says so.
      onError(error)
      const told = error instanceof Error ? error.message : String(error)
      await noteLook(planned, detection.id, now, performance.now() - began, told).catch(onError)
    }
  }

  const once = async ({ all = false, now: given }: LookOptions) => {
    const now = given ?? (await clock(planned))
    const due = all
      ? new Set(detections.map(({ id }) => id))
      : await dueOf(planned, detections, now)
    const changed = await changedSince(planned)
    // Not before: what is looked at because of a change has the networks of everything before that change.
    await foldNetworks(planned)
    if (due.size > 0) await forgetNetworks(db, now)
    if (due.size > 0 || changed.objects.has('context')) await judgeExpressions(db)
    const over = await overSince(planned, now)
    for (const detection of detections) {
      if (closed) return
      if (due.has(detection.id)) {
        await lookAt(detection, now, db)
        continue
      }
      for (const focus of focusesOf(detection, changed))
        await lookAt(detection, now, planned, focus)
      const ids = over.get(detection.id)
      if (ids) await lookAt(detection, now, planned, { column: 'subject_id', ids })
    }
    await heededUpTo(planned, changed.upTo)
    if (due.size > 0) await endForgotten(db, detections)
    const late = moved && performance.now() - keptAt > minute
    if (due.size === 0 && !late) return
    moved = false
    keptAt = performance.now()
    // Of every person, project and context once a night, and when somebody has everything looked at.
    await keepScores(db, now, { all: detections.some(({ id, often }) => !often && due.has(id)) })
  }

  const look = async (how: LookOptions = {}) => {
    const client = await db.pool.connect()
    let broken = false
    try {
      if (!(await locked(client, Boolean(how.all || how.now)))) return
      try {
        await once(how)
      } finally {
        await client.query('select pg_advisory_unlock($1)', [lockKey])
      }
    } catch (error) {
      broken = true
      throw error
    } finally {
      client.release(broken)
    }
  }
  const queued = (how: LookOptions) => {
    looking = looking.catch(() => {}).then(() => (closed ? undefined : look(how)))
    return looking
  }
  const tick = () => {
    if (busy || closed) return
    busy = true
    void queued({})
      .catch(onError)
      .finally(() => {
        busy = false
      })
  }
  return {
    start() {
      tick()
      timer = setInterval(tick, everyMs)
      timer.unref()
    },
    look: (how = {}) => queued(how),
    async close() {
      closed = true
      clearInterval(timer)
      await looking.catch(() => {})
    },
  }
}

/** Another server that looks already is left to it; whoever asked for a look by hand waits for its turn. */
async function locked(client: PoolClient, wait: boolean): Promise<boolean> {
  if (wait) await client.query('set lock_timeout = 0')
  const { rows } = (await client.query(
    wait
      ? 'select pg_advisory_lock($1) is not null as free'
      : 'select pg_try_advisory_lock($1) as free',
    [lockKey],
  )) as { rows: { free: boolean }[] }
  if (wait) await client.query('reset lock_timeout')
  return rows[0]?.free ?? false
}

async function clock(db: Db): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  if (!rows[0]) throw new Error('the database told no time')
  return rows[0].now
}

/**
 * What was not looked at since two o'clock of the night (UTC), or, often, for ten minutes. A look that lies in the future
 * was before the clock was set back, and counts for nothing.
 */
async function dueOf(db: Db, detections: readonly Detection[], now: Date): Promise<Set<string>> {
  const looks = await db.selectFrom('findingLook').select(['detection', 'at', 'fault']).execute()
  const seen = new Map(looks.map((look) => [look.detection, look]))
  const two = 2 * 60 * minute
  const day = 24 * 60 * minute
  const night = Math.floor((now.getTime() - two) / day) * day + two
  const isDue = ({ id, often }: Detection) => {
    const last = seen.get(id)
    if (!last || last.at > now) return true
    const age = now.getTime() - last.at.getTime()
    return last.at.getTime() < night || ((often ?? last.fault !== null) && age > 10 * minute)
  }
  return new Set(detections.filter(isDue).map(({ id }) => id))
}

function focusesOf(detection: Detection, changed: Changed): (Focus | undefined)[] {
  const byColumn = new Map<FindingColumn, Set<string>>()
  for (const [kind, ids] of changed.objects) {
    const column = detection.heeds[kind]
    if (column === undefined) continue
    if (column === 'all' || changed.tooMany) return [undefined]
    const there = byColumn.get(column) ?? new Set()
    byColumn.set(column, new Set([...there, ...ids]))
  }
  return [...byColumn].map(([column, ids]) => ({ column, ids: [...ids] }))
}

async function noteLook(db: Db, detection: string, at: Date, tookMs: number, fault: string | null) {
  const took = Math.round(tookMs)
  await sql`
    insert into finding_look (detection, at, took_ms, found, fault)
    values (${detection}, ${at}, ${took},
      (select count(*) from finding where detection = ${detection} and state <> 'resolved'), ${fault?.slice(0, 500) ?? null})
    on conflict (detection) do update set at = excluded.at, took_ms = excluded.took_ms, found = excluded.found,
      fault = excluded.fault`.execute(db)
}

/** Findings of what is not looked for any more end: nothing would ever resolve them. */
async function endForgotten(db: Database, detections: readonly Detection[]): Promise<void> {
  const rows = await db
    .selectFrom('finding')
    .leftJoin('findingEvidence', 'findingEvidence.findingId', 'finding.id')
    .where('detection', 'not in', [...detections.map(({ id }) => id), ''])
    .where('state', '<>', 'resolved')
    .select([
      'finding.id',
      'detection',
      'state',
      'version',
      'subjectName',
      'projectId',
      'contextId',
    ])
    .execute()
  const [first] = catalogue
  for (const [id, some] of Map.groupBy(rows, ({ detection }) => detection)) {
    if (!first) return
    const gone = { ...first, id, title: 'Not looked for any more' }
    await applyDifferences(
      db,
      gone,
      some.map(({ id: findingId, state, version, subjectName, projectId, contextId }) => ({
        found: undefined,
        known: { id: findingId, state, version },
        subjectName: subjectName ?? id,
        projectId,
        contextId,
        lapsed: false,
      })),
    )
  }
}
