import { sql, type RawBuilder } from 'kysely'
import { evidence, firstRows, mostRows } from './detection.ts'

/**
 * Rows of evidence: from where the runs of a segment's projects were served, the most used first, which is what its
 * addresses would be. Of more than can be told there are none, as of a CI's hosted runners: a part of them would refuse
 * the others. What is newer than `until` may be somebody else's and is left out.
 */
export const networksOfSegment = (segmentId: RawBuilder<unknown>, until?: Date) => sql`(
  select case when count(*) between 1 and ${sql.lit(mostRows)} then ${firstRows(
    evidence({
      what: sql`'Its runs came from'`,
      kind: sql`'network'`,
      name: sql`used.network::text`,
      says: sql`used.uses || case used.uses when 1 then ' use' else ' uses' end`,
      at: sql`used.last_at`,
    }),
    sql`used.uses desc, used.network`,
  )} else '[]' end
  from (
    select n.network, sum(n.uses)::bigint as uses, max(n.last_at) as last_at
    from project o join network_seen n on n.kind = 'project' and n.subject_id = o.id
    where o.segment_id = ${segmentId} and ${until ? sql`n.since <= ${until}::timestamptz` : sql`true`}
    group by n.network) used)`
