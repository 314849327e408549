import { sql, type RawBuilder } from 'kysely'

/**
 * Of a query whose grant is called `g`: that it holds at a moment, by the transaction's own clock unless another is given.
 * What has not begun yet holds nothing, as little as what has ended or expired. Wherever live grants are counted, listed
 * or decided by, this is what is asked.
 */
export const grantHolds = (
  at: Date | RawBuilder<unknown> = sql`clock_timestamp()`,
): RawBuilder<boolean> => {
  const moment = at instanceof Date ? sql`${at}::timestamptz` : at
  return sql<boolean>`(g.ended_at is null and (g.starts_at is null or g.starts_at <= ${moment})
    and (g.expires_at is null or g.expires_at > ${moment}))`
}
