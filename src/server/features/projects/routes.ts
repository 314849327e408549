import { byName, fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers } from '../../http/scope.ts'
import {
  changeProject,
  createProject,
  projectAnswer,
  removeProject,
  theProject,
} from './service.ts'
import { contextsReached, listProjects } from './store.ts'

export const projectHandlers: Handlers<'projects'> = {
  async list(scope, input) {
    const after = fromIdCursor(input.cursor, 2)
    const rows = await listProjects(scope.db, scope.reach('project:view'), input, after)
    const { shown, next } = pageOf(rows, input.limit, byName)
    return {
      items: shown.map((row) => projectAnswer(scope, row)),
      ...next,
    }
  },
  view: async (scope, { projectId }) => projectAnswer(scope, await theProject(scope, projectId)),
  async contexts(scope, { projectId }) {
    const project = await theProject(scope, projectId)
    const { everywhere, contexts, segments } = scope.reach('context:view')
    const rows = await contextsReached(scope.db, project)
    const seen = everywhere
      ? rows
      : rows.filter(({ id }) => contexts.includes(id) || segments.includes(project.segmentId))
    return {
      items: seen.map(({ id, name, by, permitted, denied }) => ({
        context: { id, name },
        by,
        permitted,
        denied,
      })),
    }
  },
  create: createProject,
  update: changeProject,
  remove: (scope, { projectId }) => removeProject(scope, projectId),
}
