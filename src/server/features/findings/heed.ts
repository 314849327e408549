import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'

/** What was changed since the last look, by the kind of the object. */
export interface Changed {
  readonly objects: ReadonlyMap<string, ReadonlySet<string>>
  /** More than is worth looking at one by one. */
  readonly tooMany: boolean
  /** The record is heeded up to here when the look is done. */
  readonly upTo: number
}

/** Events that are read at once. */
const mostEvents = 2_000
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What pipelines do all day, and reads: of these only the signs of a stolen lease concern a finding at once. */
const quiet = 'leases.exchange'

/** Reads the record, in which every change stands, from where it was left. */
export async function changedSince(db: Db): Promise<Changed> {
  // First how far, then what: an event that comes between the two is heeded next time.
  const { size } = await sizeOf(db)
  const { rows } = await sql<{
    leafIndex: number
    noun: string
    actorId: string
    resourceKind: string | null
    resourceId: string | null
    projectId: string | null
    contextId: string | null
  }>`
    select leaf_index, noun, actor_id, resource_kind, resource_id, project_id, context_id from audit_entry
    where leaf_index >= (select leaf_index from finding_heeded) and leaf_index < ${size}
      and ((outcome in ('permitted', 'would_deny') and noun <> 'findings' and action <> ${quiet})
        or action = 'leases.redeem')
    order by leaf_index limit ${mostEvents + 1}`.execute(db)
  const tooMany = rows.length > mostEvents
  const objects = new Map<string, Set<string>>()
  const add = (kind: string, id: string | null) => {
    if (id === null || !uuid.test(id)) return
    const known = objects.get(kind) ?? new Set()
    objects.set(kind, known.add(id))
  }
  for (const row of rows) {
    if (row.resourceKind) add(row.resourceKind, row.resourceId)
    add('project', row.projectId)
    add('context', row.contextId)
    // Who signs in was here.
    if (row.noun === 'sessions') add('person', row.actorId)
    if (row.noun === 'people') add('person', row.resourceId)
    // An import, or what ended several at once, names no object: everything of its noun may have changed.
    if (row.resourceId === null && row.noun in kinds) add(kinds[row.noun as 'grants'], everything)
  }
  if (objects.get('grant')?.has(everything)) add('holder', everything)
  for (const id of await holdersOf(db, [...(objects.get('grant') ?? [])])) add('holder', id)
  return {
    objects,
    tooMany: tooMany || [...objects.values()].some((ids) => ids.has(everything)),
    upTo: size,
  }
}

/** Whoever holds the grants, directly or by a team. */
async function holdersOf(db: Db, grantIds: readonly string[]): Promise<string[]> {
  if (grantIds.length === 0) return []
  const { rows } = await sql<{ id: string }>`
    with changed as (select person_id, team_id from access_grant where id = any(${sql.val([...grantIds])}::uuid[]))
    select person_id as id from changed where person_id is not null
    union select m.person_id from team_member m join changed on changed.team_id = m.team_id`.execute(
    db,
  )
  return rows.map(({ id }) => id)
}

const everything = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
const kinds = { grants: 'grant', people: 'person', teams: 'team', contexts: 'context' } as const

async function sizeOf(db: Db): Promise<{ size: number }> {
  const { rows } = await sql<{ size: number }>`
    select coalesce(max(leaf_index), -1) + 1 as size from audit_entry`.execute(db)
  return rows[0] ?? { size: 0 }
}

export async function heededUpTo(db: Db, upTo: number): Promise<void> {
  await sql`update finding_heeded set leaf_index = ${upTo} where leaf_index <> ${upTo}`.execute(db)
}
