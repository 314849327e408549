import type { Resource } from '../../decision/types.ts'
import type { ContextRow } from './store.ts'

type Row = Pick<
  ContextRow,
  'id' | 'name' | 'segmentId' | 'segmentName' | 'teamName' | 'restrictions'
>

/** The context as the decision point sees it: it lies in its segment, and is a scope itself. */
export function contextResourceOf(row: Row): Resource {
  return {
    kind: 'context',
    id: row.id,
    name: row.name,
    within: { context: row.id, ...(row.segmentId && { segment: row.segmentId }) },
    attributes: {
      name: row.name,
      ...(row.segmentName && { segment: row.segmentName }),
      ...(row.teamName && { team: row.teamName }),
      restricted: row.restrictions > 0,
    },
  }
}
