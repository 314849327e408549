import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'

import { endsAt, type SessionLimits } from './lifetime.ts'

const selectSessions = (db: Db) =>
  db
    .selectFrom('session as s')
    .innerJoin('person as p', 'p.id', 's.personId')
    .leftJoin('person as ender', 'ender.id', 's.endedBy')
    .leftJoin('sessionSeen as seen', 'seen.sessionId', 's.id')
    .selectAll('s')
    .select([
      'p.name as personName',
      'ender.name as enderName',
      'seen.at as seenAt',
      'seen.ip as seenIp',
    ])

export type SessionRow = Awaited<
  ReturnType<ReturnType<typeof selectSessions>['executeTakeFirstOrThrow']>
>

export const findSession = (db: Db, id: string): Promise<SessionRow | undefined> =>
  selectSessions(db).where('s.id', '=', id).executeTakeFirst()

/** The session that a sign-in began, as every request asks for it: its columns are named. */
export const findSignIn = (db: Db, issuer: string, key: string) =>
  db
    .selectFrom('session as s')
    .innerJoin('person as p', 'p.id', 's.personId')
    .leftJoin('sessionSeen as seen', 'seen.sessionId', 's.id')
    .select(['s.id', 's.personId', 's.startedAt', 's.endedAt', 's.expired', 's.endReason'])
    .select(['p.name as personName', 'seen.at as seenAt'])
    .where('s.issuer', '=', issuer)
    .where('s.sessionKey', '=', key)
    .executeTakeFirst()

/** Newest first: ids sort by their making. */
export async function listSessions(
  db: Db,
  query: {
    person?: string | undefined
    ended: boolean
    cursor?: string | undefined
    limit: number
  },
  limits: SessionLimits,
  now: Date,
): Promise<SessionRow[]> {
  let rows = selectSessions(db)
    .orderBy('s.id', 'desc')
    .limit(query.limit + 1)
  if (query.person) rows = rows.where('s.personId', '=', query.person)
  if (!query.ended) {
    rows = rows.where('s.endedAt', 'is', null).where(sql<boolean>`${endsAt(limits)} > ${now}`)
  }
  if (query.cursor) rows = rows.where('s.id', '<', query.cursor)
  return rows.execute()
}

export async function endSession(
  db: Db,
  id: string,
  by: string | null,
  reason: string,
  now: Date,
): Promise<boolean> {
  const ended = await db
    .updateTable('session')
    .set({ endedAt: now, endedBy: by, endReason: reason })
    .where('id', '=', id)
    .where('endedAt', 'is', null)
    .returning('id')
    .execute()
  return ended.length === 1
}

/** A batch of sessions that ended by themselves and are not written down as ended; those of another server are left to it. */
export const takeExpired = (db: Db, limits: SessionLimits, now: Date): Promise<SessionRow[]> =>
  selectSessions(db)
    .where('s.endedAt', 'is', null)
    .where(sql<boolean>`${endsAt(limits)} <= ${now}`)
    .orderBy('s.id')
    .limit(200)
    .forUpdate('s')
    .skipLocked()
    .execute()

export async function writeExpired(
  db: Db,
  id: string,
  { at, reason }: { at: Date; reason: string },
): Promise<void> {
  await db
    .updateTable('session')
    .set({ endedAt: at, endReason: reason, expired: true })
    .where('id', '=', id)
    .execute()
}

/** Ends every live session of a person; answers which. */
export async function endSessionsOf(
  db: Db,
  personId: string,
  by: string | null,
  reason: string,
  now: Date,
  but?: string,
): Promise<string[]> {
  const ended = await db
    .updateTable('session')
    .set({ endedAt: now, endedBy: by, endReason: reason })
    .where('personId', '=', personId)
    .where('endedAt', 'is', null)
    .where('id', 'is distinct from', but ?? null)
    .returning('id')
    .execute()
  return ended.map(({ id }) => id)
}

/** Last use, at most once a minute a session. */
export async function touchSession(db: Db, id: string, ip: string, now: Date): Promise<void> {
  await db
    .insertInto('sessionSeen')
    .values({ sessionId: id, at: now, ip })
    .onConflict((conflict) =>
      conflict
        .column('sessionId')
        .doUpdateSet({ at: now, ip })
        .where('sessionSeen.at', '<', new Date(now.getTime() - 60_000)),
    )
    .execute()
}
