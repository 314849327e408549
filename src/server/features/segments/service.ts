import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { invalidField, problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { closeExpiredGrants } from '../grants/service.ts'
import {
  deleteSegment,
  insertSegment,
  rangesTaken,
  segmentById,
  standingOn,
  updateSegment,
  type SegmentRow,
} from './store.ts'

export { zonesOf } from './flow-store.ts'

type Answer = AnswerOf<'segments.view'>

export const segmentResourceOf = ({
  id,
  name,
  tier,
}: Pick<SegmentRow, 'id' | 'name' | 'tier'>): Resource => ({
  kind: 'segment',
  id,
  name,
  within: { segment: id },
  attributes: { name, tier },
})

export const segmentResource: ResourceLoader<Db> = async (db, id) => {
  const row = await segmentById(db, id)
  return row && segmentResourceOf(row)
}

export function segmentAnswer(scope: Scope, row: SegmentRow): Answer {
  const { id, name, tier, description, ranges, runnerClasses, projects, contexts } = row
  const { createdAt, version } = row
  return {
    id,
    name,
    tier,
    description,
    cidrs: ranges,
    runnerClasses,
    projects,
    contexts,
    createdAt,
    version,
    allowed: scope.allowed(segmentResourceOf(row)),
  }
}

export async function theSegment(scope: Scope, id: string): Promise<SegmentRow> {
  const row = await segmentById(scope.db, id)
  if (!row) throw problem('not_found', 'There is no such segment. It may have been deleted.')
  return row
}

const told = ({ name, tier, description, ranges, runnerClasses }: SegmentRow) => ({
  name,
  tier,
  description,
  cidrs: ranges,
  runnerClasses,
})

/**
 * No range is of two segments: the address of a run would be in both. Whoever may not see the other segment is not told its
 * name. In a race the database has the last word (`segment_range_key`).
 */
export async function demandOwnRanges(
  scope: Scope,
  id: string,
  cidrs: readonly string[] | undefined,
): Promise<void> {
  const [first] = cidrs ? await rangesTaken(scope.db, id, cidrs) : []
  if (!first) return
  const { place, range, segmentId, name } = first
  const { everywhere, segments } = scope.reach('segment:view')
  const whose = everywhere || segments.includes(segmentId) ? `segment “${name}”` : 'another segment'
  const path = `cidrs.${place}`
  throw invalidField(path, `is a range of ${whose} already: ${range}`)
}

export async function createSegment(
  scope: Scope,
  input: InputOf<'segments.create'>,
): Promise<Answer> {
  const id = newId()
  await demandOwnRanges(scope, id, input.cidrs)
  await insertSegment(scope.db, { id, ...input })
  const made = await theSegment(scope, id)
  scope.record({ resource: { kind: 'segment', id, name: made.name }, after: told(made) })
  return segmentAnswer(scope, made)
}

export async function changeSegment(
  scope: Scope,
  { segmentId, ...values }: InputOf<'segments.update'>,
): Promise<Answer> {
  const before = await theSegment(scope, segmentId)
  await demandOwnRanges(scope, segmentId, values.cidrs)
  if (!(await updateSegment(scope.db, segmentId, scope.expectedVersion ?? 0, values))) {
    throw stale(scope, before)
  }
  const after = await theSegment(scope, segmentId)
  scope.record({ before: told(before), after: told(after) })
  return segmentAnswer(scope, after)
}

export async function removeSegment(scope: Scope, id: string): Promise<void> {
  const before = await theSegment(scope, id)
  await closeExpiredGrants(scope.db, { segmentId: id }, scope.now)
  const { grants, scheduled, restrictions } = await standingOn(scope.db, id)
  const { projects, contexts } = before
  const held = Object.entries({
    projects,
    contexts,
    'live grants': grants,
    'scheduled grants': scheduled,
    restrictions,
  })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
  if (held.length > 0) {
    throw problem('in_use', `${before.name} holds ${held.join(', ')}. Move or remove them first.`)
  }
  if (!(await deleteSegment(scope.db, id, scope.expectedVersion ?? 0))) throw stale(scope, before)
  scope.record({ before: told(before) })
}

const stale = (scope: Scope, row: SegmentRow) =>
  problem('stale', 'Somebody changed this segment since you loaded it.', {
    current: segmentAnswer(scope, row),
  })
