import { permissions } from '../../../contract/permissions.ts'
import type { Handlers } from '../../http/scope.ts'
import { anywhere } from '../../http/standing.ts'

export const meHandlers: Handlers<'me'> = {
  async view(scope) {
    const { actor } = scope
    const { kind, id, name, email, sessionId, authenticatedAt, acr } = actor
    const may = permissions.flatMap((permission) => {
      const reach = scope.reach(permission)
      const { everywhere, segments, projects, contexts } = reach
      const held = everywhere || segments.length + projects.length + contexts.length > 0
      // As the door would ask: an enforced policy may forbid what grants permit.
      return held && scope.decide(permission, anywhere(reach)).outcome === 'permitted'
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
