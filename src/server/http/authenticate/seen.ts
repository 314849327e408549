import { sql, type Kysely } from 'kysely'
import type { Tables } from '../../db/tables.ts'
import type { Seen } from './dpop.ts'

/** Single use across every server on the database: the insert decides, so two at once cannot both pass (P21). */
export function seenInDatabase(db: Kysely<Tables>): Seen {
  return async (hash, expiresAt) => {
    const result = await sql`
      insert into dpop_seen (hash, expires_at) values (${hash}, ${expiresAt}) on conflict do nothing`.execute(
      db,
    )
    return result.numAffectedRows === 1n
  }
}

/** Single use on this server, for plain GETs: a bounded replay of a read across servers is accepted (C4). */
export function seenHere(most = 50_000, now: () => number = Date.now): Seen {
  const expiries = new Map<string, number>()
  return (hash, expiresAt) => {
    const key = hash.toString('base64')
    const known = expiries.get(key)
    if (known !== undefined && known > now()) return Promise.resolve(false)
    expiries.set(key, expiresAt.getTime())
    // Oldest first: insertion order follows expiry closely enough.
    for (const [old, expiry] of expiries) {
      if (expiry > now() && expiries.size <= most) break
      if (old === key) break
      expiries.delete(old)
    }
    return Promise.resolve(true)
  }
}
