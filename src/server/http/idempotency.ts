import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'
import type { Transaction } from '../db/transaction.ts'
import { problem } from './problem.ts'

/** One POST that may be repeated: whose, under which key, and what exactly was asked. */
export interface Repeatable {
  readonly actorId: string
  readonly key: string
  readonly operation: string
  readonly hash: Buffer
}

const format = /^[\x21-\x7e]{1,200}$/

/** From the `Idempotency-Key` header; nothing when there is none. Throws the 400 for a key that is none. */
export function repeatableOf(
  header: string | undefined,
  actorId: string,
  operation: string,
  asked: { path: string; body: Buffer | undefined },
): Repeatable | undefined {
  if (header === undefined) return undefined
  if (!format.test(header)) {
    const sentence = 'The Idempotency-Key is 1 to 200 printable ASCII characters without spaces.'
    throw problem('bad_request', sentence)
  }
  const hash = createHash('sha256')
    .update(asked.path)
    .update('\0')
    .update(asked.body ?? '')
    .digest()
  return { actorId, key: header, operation, hash }
}

/**
 * The answer that was given before to the same request, or nothing when this is the first. Holds the key until the
 * transaction ends, so of two at once one is told to wait (C9).
 */
export async function answeredBefore(
  db: Db,
  asked: Repeatable,
): Promise<{ status: number; answer: string | null } | undefined> {
  const { rows } = await sql<{ free: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`${asked.actorId} ${asked.key}`}, 44)) as free
  `.execute(db)
  if (!rows[0]?.free) {
    throw problem(
      'request_in_flight',
      'The same request is being carried out. Ask again shortly.',
      {
        headers: { 'retry-after': '1' },
      },
    )
  }
  const known = await db
    .selectFrom('idempotency')
    .select(['operation', 'requestHash', 'status', 'answer'])
    .where('actorId', '=', asked.actorId)
    .where('key', '=', asked.key)
    .executeTakeFirst()
  if (!known) return undefined
  if (known.operation !== asked.operation || !known.requestHash.equals(asked.hash)) {
    const sentence = 'This Idempotency-Key was used for another request. Take a new one.'
    throw problem('idempotency_mismatch', sentence)
  }
  return known
}

/** Leaves the answer to be kept, in the transaction of what it answers; what is shown once is never kept. */
export function keepAnswer(
  { db, last }: Transaction,
  { actorId, key, operation, hash }: Repeatable,
  status: number,
  answer: string | null,
): void {
  const row = { actorId, key, operation, requestHash: hash, status, answer }
  last(db.insertInto('idempotency').values(row).compile())
}
