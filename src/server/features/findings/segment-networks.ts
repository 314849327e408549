import { sql } from 'kysely'
import { evidence, firstRows, mostRows } from './detection.ts'

/**
 * Rows of evidence by segment: from where the runs of its projects were served, the most used first, which is what its
 * addresses would be. All of them or none, for a part would refuse the others: none of more than can be told, as of a CI's
 * hosted runners, nor where one is another segment's too, whose runs would then take place here. What is newer than
 * `until` may be somebody else's and is left out.
 */
export const networksOfSegments = (until?: Date) => sql`(
  select used.segment_id, ${firstRows(
    evidence({
      what: sql`'Its runs came from'`,
      kind: sql`'network'`,
      name: sql`used.network::text`,
      says: sql`used.uses || case used.uses when 1 then ' use' else ' uses' end`,
      at: sql`used.last_at`,
    }),
    sql`used.uses desc, used.network`,
  )} as rows
  from (
    select o.segment_id, n.network, sum(n.uses)::bigint as uses, max(n.last_at) as last_at,
      count(*) over (partition by n.network) > 1 as shared
    from project o join network_seen n on n.kind = 'project' and n.subject_id = o.id
    where ${until ? sql`n.since <= ${until}::timestamptz` : sql`true`}
    group by o.segment_id, n.network) used
  group by used.segment_id having count(*) <= ${sql.lit(mostRows)} and not bool_or(used.shared))`
