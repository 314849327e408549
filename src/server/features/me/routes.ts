import { permissions } from '../../../contract/permissions.ts'
import { heldSomewhere } from '../../decision/holdings.ts'
import type { Handlers } from '../../http/scope.ts'
import { anywhere } from '../../http/standing.ts'

export const meHandlers: Handlers<'me'> = {
  async view(scope) {
    const { actor } = scope
    const { kind, id, name, email, sessionId, authenticatedAt, acr } = actor
    const may = permissions.flatMap((permission) => {
      const reach = scope.reach(permission)
      const { everywhere, segments, projects, contexts } = reach
      // As the door would ask: an enforced policy may forbid what grants permit.
      return heldSomewhere(reach) &&
        scope.decide(permission, anywhere(reach)).outcome === 'permitted'
        ? [
            {
              permission,
              everywhere,
              segments: [...segments],
              projects: [...projects],
              contexts: [...contexts],
            },
          ]
        : []
    })
    return {
      kind,
      id,
      name,
      ...(email && { email }),
      teams: actor.teams.map((team) => ({ id: team.id, name: team.name, lead: team.lead })),
      ...(sessionId && {
        session: {
          id: sessionId,
          ...(authenticatedAt && { authenticatedAt }),
          ...(acr && { acr }),
        },
      }),
      may,
    }
  },
}
