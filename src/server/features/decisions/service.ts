import { sql, type RawBuilder } from 'kysely'
import type { Reach } from '../../decision/types.ts'

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
