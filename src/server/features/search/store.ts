import { sql, type RawBuilder } from 'kysely'
import type { z } from 'zod'
import { FoundKind } from '../../../contract/search.ts'
import type { Db } from '../../db/connect.ts'
import type { Reach } from '../../decision/types.ts'

/** Kinds that stand in the database; controls are found in their catalogue. */
export const StoredKind = FoundKind.exclude(['control'])
export type StoredKind = z.infer<typeof StoredKind>

export interface FoundRow {
  readonly kind: StoredKind
  readonly id: string
  readonly name: string
  readonly detail: string
  readonly contextId: string | null
  readonly contextName: string | null
}

/** Where each kind may be seen; a kind without an entry is not searched. */
export type Places = Readonly<Partial<Record<StoredKind, Reach>>>

const ids = (all: readonly string[]) => sql`${sql.val([...all])}::uuid[]`

/** Each kind with what is looked through beside its name; the alias `x` is the object, narrowed by the reach. */
const sources: Readonly<Record<StoredKind, (reach: Reach) => RawBuilder<unknown>>> = {
  person: () => sql`select x.id, x.name, x.email as detail from person x where x.state = 'active'`,
  team: () => sql`select x.id, x.name, coalesce(x.idp_group, '') as detail from team x`,
  role: () =>
    sql`select x.id, x.name, case when x.built_in then 'built in' else '' end as detail from role x`,
  policy: () => sql`select x.id, x.name, x.mode as detail from policy x`,
  segment: (reach) => sql`select x.id, x.name, x.tier as detail from segment x
    where ${reach.everywhere} or x.id = any(${ids(reach.segments)})`,
  project: (
    reach,
  ) => sql`select x.id, x.name, concat_ws(' ', x.repository, 'was ' || x.renamed_from) as detail from project x
    where ${reach.everywhere} or x.segment_id = any(${ids(reach.segments)}) or x.id = any(${ids(reach.projects)})`,
  context: (reach) => sql`select x.id, x.name, coalesce(g.name, '') as detail
    from context x left join segment g on g.id = x.segment_id where ${contextWithin(reach)}`,
  secret: (
    reach,
  ) => sql`select s.id, s.name, x.name as detail, x.id as context_id, x.name as context_name
    from secret s join context x on x.id = s.context_id where ${contextWithin(reach)}`,
  // Issuers and Vault servers are the whole organization's: who may see them anywhere may see each.
  issuer: () => sql`select x.id, x.name, x.url as detail from issuer x`,
  trustRule: (reach) => sql`select x.id, x.name, concat_ws(' ', p.name, i.name) as detail
    from trust_rule x join project p on p.id = x.project_id join issuer i on i.id = x.issuer_id
    where ${reach.everywhere} or p.segment_id = any(${ids(reach.segments)}) or p.id = any(${ids(reach.projects)})`,
  review: (
    reach,
  ) => sql`select x.id, x.name, concat_ws(' ', x.scope_kind, x.scope_name) as detail from review x
    where ${reach.everywhere} or x.segment_id = any(${ids(reach.segments)}) or x.context_id = any(${ids(reach.contexts)})`,
  vault: () => sql`select x.id, x.name, x.address as detail from vault_server x`,
}

const contextWithin = (reach: Reach) =>
  sql`(${reach.everywhere} or x.segment_id = any(${ids(reach.segments)}) or x.id = any(${ids(reach.contexts)}))`

const escaped = (text: string) => text.replaceAll(/[\\%_]/g, String.raw`\$&`)

/** The nearest matches of each kind: the whole name first, then its beginning, the beginning of a word, anywhere. */
export async function findByName(
  db: Db,
  q: string,
  perKind: number,
  places: Places,
): Promise<FoundRow[]> {
  const words = q.toLowerCase().split(/\s+/)
  const every = words.map((word) => `%${escaped(word)}%`)
  const whole = escaped(q.toLowerCase())
  const kinds = StoredKind.options.flatMap((kind, place) => {
    const reach = places[kind]
    if (!reach) return []
    const ofContext =
      kind === 'secret' ? sql`context_id, context_name` : sql`null::uuid, null::text`
    return [
      sql`(select ${place}::int as place, ${kind}::text as kind, id, name, detail, ${ofContext},
        case when lower(name) like ${whole} then 0 when lower(name) like ${`${whole}%`} then 1
          when lower(name) ~ ${`(^|[^[:alnum:]])${words[0]?.replaceAll(/[^\p{L}\p{N}]/gu, '.') ?? ''}`} then 2
          when lower(name) like ${every[0]} then 3 else 4 end as distance
      from (${sources[kind](reach)}) found
      where lower(name || ' ' || detail) like all(${every}::text[])
      order by distance, length(name), lower(name), id limit ${perKind})`,
    ]
  })
  if (kinds.length === 0) return []
  const { rows } = await sql<FoundRow>`
    select kind, id, name, detail, context_id, context_name
    from (${sql.join(kinds, sql` union all `)}) as found (place, kind, id, name, detail, context_id, context_name, distance)
    order by place, distance, length(name), lower(name), id`.execute(db)
  return rows
}
