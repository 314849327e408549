import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
import { daysBefore } from './detection.ts'

/** Events that are read at once: memory stays as it is, however long the record is. */
const together = 50_000
/** For how long a network is remembered: what was not seen for longer is new again. */
export const rememberedDays = 90

/**
 * Reads off the record from which networks people (also by their API tokens) and projects were served, from where it was
 * left. What was refused is no use, and who was not known is nobody.
 */
export async function foldNetworks(db: Db): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ from: number; to: number }>`
      select networks_index as from, least(networks_index + ${together},
        (select coalesce(max(leaf_index), -1) + 1 from audit_entry)) as to from finding_heeded`.execute(
      db,
    )
    const [at] = rows
    if (!at || at.to <= at.from) return
    // Counted and moved on in one statement: whatever stops it, no event counts twice.
    await sql`
      with moved as (
        update finding_heeded set networks_index = ${at.to} where networks_index = ${at.from} returning 1),
      used as (
        select case when e.actor_kind = 'workload' then 'project' else 'person' end as kind,
          case e.actor_kind when 'workload' then e.project_id when 'token' then k.person_id::text else e.actor_id end as id,
          e.ip, min(e.occurred_at) as first, max(e.occurred_at) as last, count(*) as uses
        from audit_entry e left join api_token k on e.actor_kind = 'token' and k.id::text = e.actor_id
        where e.leaf_index >= ${at.from} and e.leaf_index < ${at.to} and e.ip is not null
          and e.outcome in ('permitted', 'would_deny') and e.actor_kind in ('person', 'token', 'workload')
          and exists (select from moved)
        group by 1, 2, 3)
      insert into network_seen (kind, subject_id, network, since, last_at, uses)
      select kind, id::uuid, network, min(first), max(last), sum(uses)
      from (select used.*, network_of(ip) as network from used) at
      where network is not null and id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
      group by 1, 2, 3
      on conflict (kind, subject_id, network) do update set
        since = case when excluded.since > network_seen.last_at + make_interval(days => ${rememberedDays})
          then excluded.since else network_seen.since end,
        last_at = greatest(network_seen.last_at, excluded.last_at), uses = network_seen.uses + excluded.uses`.execute(
      db,
    )
  }
}

/** What nobody came from for so long is forgotten; hosted runners would leave a row for each of their networks. */
export async function forgetNetworks(db: Db, now: Date): Promise<void> {
  await sql`delete from network_seen where last_at < ${daysBefore(now, rememberedDays)}`.execute(db)
}
