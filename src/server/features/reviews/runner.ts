import { sql } from 'kysely'
import type { Database, Db } from '../../db/connect.ts'
import { takeTurns } from '../../db/turns.ts'
import type { InTheirName, SaidBy } from '../../http/in-their-name.ts'
import { ProblemError } from '../../http/problem.ts'
import { revokeGrants } from '../grants/service.ts'
import { finalRootOf } from './evidence.ts'
import { keeper } from './store.ts'

export interface ReviewRunner {
  /** There is one to carry out, as soon as its transaction has committed. */
  wake(): void
  /** Resolves when nothing waits to be ended any more. */
  settled(): Promise<void>
  close(): Promise<void>
}

interface RunnerParts {
  readonly db: Database
  readonly inTheirName: InTheirName
  readonly onError: (error: unknown) => void
  /** How often this server looks for what others have left. */
  readonly everyMs?: number
}

interface Signed {
  readonly id: string
  readonly name: string
  readonly said: SaidBy
}

/** A line whose grant is to end, and with it those of all others whom the same grant reaches. */
interface Waiting {
  readonly grantId: string
  readonly justification: string
}

/**
 * Ends what was signed off to go: one grant a transaction, with its event and its result, so that whatever stops a server
 * in the middle has done each either whole or not at all, and whoever looks next goes on. Of several servers the one that
 * holds the review's row does the next one.
 */
export function createReviewRunner(parts: RunnerParts): ReviewRunner {
  const { db, inTheirName, onError, everyMs = 5_000 } = parts
  const next = async (): Promise<boolean> => {
    const signed = await signedOff(db)
    if (!signed) return false
    const reason = (line: Waiting) =>
      `Access review “${signed.name}”${line.justification ? `: ${line.justification}` : ''}`
    let tried: Waiting | undefined
    try {
      return await inTheirName.as(signed.said, { review: signed.id }, async (scope) => {
        if (!(await held(scope.db, signed.id))) return false
        tried = await firstWaiting(scope.db, signed)
        // Nothing is left: that is written below, also where whoever signed off has left since.
        if (!tried) throw new Done()
        await revokeGrants(scope, [tried.grantId], reason(tried))
        await result(scope.db, signed.id, tried, { result: 'applied', says: null, at: scope.now })
        return true
      })
    } catch (error) {
      if (!(error instanceof ProblemError) && !(error instanceof Done)) throw error
      return writtenOtherwise(signed, error instanceof Done ? undefined : error)
    }
  }

  /** What could not be ended says why; what had ended already is over; and with the last one the review is closed. */
  const writtenOtherwise = (signed: Signed, refusal: ProblemError | undefined) =>
    inTheirName.tell(signed.said, async ({ db: tx, now }, tell) => {
      if (!(await held(tx, signed.id))) return false
      const line = await firstWaiting(tx, signed)
      const resource = { kind: 'review', id: signed.id, name: signed.name }
      if (line && refusal) {
        const over = await hasEnded(tx, line.grantId)
        const says = over ? 'It had ended already.' : refusal.message
        await result(tx, signed.id, line, { result: over ? 'over' : 'failed', says, at: now })
        const outcome = over ? 'permitted' : refusal.code === 'forbidden' ? 'denied' : 'failed'
        tell({
          action: 'reviews.apply',
          outcome,
          sentence: says,
          record: { resource, detail: { grant: line.grantId } },
        })
        return true
      }
      if (line) return true
      const root = await finalRootOf(tx, signed.id)
      await tx
        .updateTable('review')
        .set((set) => ({
          state: 'closed',
          closedAt: now,
          finalRoot: root,
          version: set('version', '+', 1),
        }))
        .where('id', '=', signed.id)
        .execute()
      tell({
        action: 'reviews.close',
        outcome: 'permitted',
        record: { resource, before: { state: 'applying' }, after: { state: 'closed', root } },
      })
      return true
    })

  const turns = takeTurns({
    everyMs,
    onError,
    async work(signal) {
      while (!signal.aborted && (await next()));
    },
  })
  return {
    wake: turns.wake,
    settled: () => turns.settled(async () => (await signedOff(db)) !== undefined),
    close: turns.close,
  }
}

class Done extends Error {}

/** The oldest that is signed off and not closed; what nobody signed off is done in the name of whoever carries it on. */
async function signedOff(db: Db): Promise<Signed | undefined> {
  const row = await db
    .selectFrom('review as v')
    .innerJoin('person as p', (join) =>
      join.on('p.id', '=', sql<string>`coalesce(v.signed_by, ${keeper})`),
    )
    .select(['v.id', 'v.name', 'v.signedRequest', 'p.id as personId', 'p.name as personName'])
    .where('v.state', '=', 'applying')
    .orderBy('v.signedAt')
    .limit(1)
    .executeTakeFirst()
  if (!row?.signedRequest) return undefined
  const { session, ...request } = row.signedRequest
  return {
    id: row.id,
    name: row.name,
    said: { personId: row.personId, name: row.personName, request, ...(session && { session }) },
  }
}

/** True for the one server that carries the review on; no other waits for it. */
async function held(db: Db, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('review')
    .select('id')
    .where('id', '=', id)
    .where('state', '=', 'applying')
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row !== undefined
}

/**
 * What whoever signed off has themselves goes last: by it they may end the rest. Each is the first of its kind by the index
 * of what waits: to sort them all for every one of them would take the square of their number.
 */
async function firstWaiting(db: Db, { id, said }: Signed): Promise<Waiting | undefined> {
  const waiting = db
    .selectFrom('reviewAnswer as a')
    .innerJoin('reviewLine as l', 'l.id', 'a.lineId')
    .select(['l.grantId', 'a.justification'])
    .where('a.reviewId', '=', id)
    .where('a.result', '=', 'waiting')
    .orderBy('a.number')
    .limit(1)
  const ofOthers = sql<boolean>`exists (select from review_line o where o.grant_id = l.grant_id and o.review_id = ${id}
    and o.person_id = ${said.personId}) is false`
  return (await waiting.where(ofOthers).executeTakeFirst()) ?? waiting.executeTakeFirst()
}

async function hasEnded(db: Db, grantId: string): Promise<boolean> {
  const row = await db
    .selectFrom('accessGrant')
    .select('endedAt')
    .where('id', '=', grantId)
    .executeTakeFirst()
  return row?.endedAt !== null
}

interface Came {
  readonly result: 'applied' | 'over' | 'failed'
  readonly says: string | null
  readonly at: Date
}

/** Of every line whom the grant reached. Found by the lines, not by what waits: that may be thousands, each time. */
const result = (db: Db, reviewId: string, { grantId }: Waiting, { result: came, says, at }: Came) =>
  sql`
    update review_answer a set result = ${came}, result_says = ${says}, applied_at = ${at}, version = a.version + 1
    where a.result = 'waiting' and a.line_id = any(array(
      select l.id from review_line l where l.grant_id = ${grantId} and l.review_id = ${reviewId}))`.execute(
    db,
  )
