import { problem } from './problem.ts'
import type { Scope } from './scope.ts'

/** The person behind the actor. Throws the 403 with `otherwise` for whoever is none, such as a run. */
export function demandPerson({ actor }: Pick<Scope, 'actor'>, otherwise: string): string {
  if (actor.personId) return actor.personId
  throw problem('forbidden', otherwise)
}
