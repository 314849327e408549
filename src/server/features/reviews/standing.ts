import type { Resource } from '../../decision/types.ts'
import { demandPerson } from '../../http/person.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { findReview, type ReviewRow } from './store.ts'

export const personOf = (scope: Pick<Scope, 'actor'>): string =>
  demandPerson(scope, 'Only people review access.')

type Placed = Pick<ReviewRow, 'id' | 'name' | 'segmentId' | 'contextId'>

/** A review lies where its scope lies. */
export const resourceOf = ({ id, name, segmentId, contextId }: Placed): Resource => ({
  kind: 'review',
  id,
  name,
  within: { ...(segmentId && { segment: segmentId }), ...(contextId && { context: contextId }) },
})

export const seesWhole = (scope: Pick<Scope, 'decide'>, row: Placed): boolean =>
  scope.decide('review:view', resourceOf(row)).outcome === 'permitted'

/** The review, for whoever may see it or takes part in it; for everybody else it is not there. */
export async function theReview(scope: Scope, id: string): Promise<ReviewRow> {
  const personId = personOf(scope)
  const row = await findReview(scope.db, id, personId)
  const known = row && (row.takesPart || row.startedBy === personId || seesWhole(scope, row))
  if (!known) throw problem('not_found', 'There is no such review.')
  return row
}

/** The review, held against whoever would end its answering at the same moment: they wait, and find what became of it. */
export async function theReviewHeld(scope: Scope, id: string): Promise<ReviewRow> {
  await scope.db.selectFrom('review').select('id').where('id', '=', id).forUpdate().execute()
  return theReview(scope, id)
}

/** Throws the 412 where somebody changed it since it was looked at. */
export function demandUnchanged(scope: Scope, { version, state }: ReviewRow): void {
  if (version === scope.expectedVersion) return
  throw problem('stale', 'Somebody changed this review meanwhile. Look at it again.', {
    current: { version, state },
  })
}
