import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Actor, Reach } from '../../decision/types.ts'

/** Whose decisions may be seen: those that the permission reaches, and always one's own. */
export interface Reader {
  readonly actor: Actor
  readonly reach: Reach
}

/** True for the decisions that the permission's reach covers; the row is named `decision`. */
export function decisionsWithin(reach: Reach): RawBuilder<boolean> {
  if (reach.everywhere) return sql<boolean>`true`
  const [segments, projects, contexts] = [reach.segments, reach.projects, reach.contexts].map(
    (ids) => sql`${sql.val([...ids])}::uuid[]`,
  )
  return sql<boolean>`(decision.project_id = any(${projects}) or decision.context_id = any(${contexts})
    or decision.project_id in (select id from project where segment_id = any(${segments}))
    or decision.context_id in (select id from context where segment_id = any(${segments})))`
}

/** True for the decisions that a reader may see. */
export const visible = ({ actor, reach }: Reader) => {
  const own = sql.val([actor.id, ...(actor.personId ? [actor.personId] : [])])
  return sql<SqlBool>`(${decisionsWithin(reach)} or decision.actor_id = any(${own}::text[]))`
}
