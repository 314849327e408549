import type { LineThen, ReviewScopeKind } from '../../../contract/reviews.ts'
import type { LineRow, ReviewRow } from './store.ts'

/** Whether a grant holds around the segment or context that is looked at, and so goes beyond it. */
export const goesBeyond = (looked: ReviewScopeKind, { kind }: Pick<LineThen['scope'], 'kind'>) =>
  (looked === 'segment' && kind === 'organization') ||
  (looked === 'context' && (kind === 'organization' || kind === 'segment'))

/** What whoever revokes a line is told before: how far it goes, and where sign-off could end nothing. */
export function revokingSaid(
  { scopeKind, scopeName }: Pick<ReviewRow, 'scopeKind' | 'scopeName'>,
  { snapshot: { person, scope, via }, outOfTeam, teamId }: LineRow,
  sizes: ReadonlyMap<string, number>,
): string[] {
  const said: string[] = []
  if (goesBeyond(scopeKind, scope)) {
    const all =
      scope.kind === 'organization' ? 'in the whole organization' : `in the whole of ${scope.name}`
    said.push(
      `It is granted ${all}: a revoke ends it there, not only in the ${scopeKind} ${scopeName}.`,
    )
  }
  const people = teamId === null || outOfTeam ? 0 : (sizes.get(teamId) ?? 0)
  if (people > 1) {
    said.push(
      `${via.name} holds it as a team: it ends where it is revoked for each of the ${people} in it. For ${person.name} alone nothing ends: take them out of the team instead.`,
    )
  }
  return said
}
