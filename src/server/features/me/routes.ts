import { permissions } from '../../../contract/permissions.ts'
import type { Handlers } from '../../http/scope.ts'

export const meHandlers: Handlers<'me'> = {
  async view(scope) {
    const { actor } = scope
    const { kind, id, name, email, sessionId, authenticatedAt, acr } = actor
    const may = permissions.flatMap((permission) => {
      const { everywhere, segments, projects, contexts } = scope.reach(permission)
      const held = everywhere || segments.length + projects.length + contexts.length > 0
      return held
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
