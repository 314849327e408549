import type { AnswerOf } from '../../../contract/index.ts'
import { byName, fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { demandTeam, teamResourceOf, updateTeam } from './service.ts'
import { listMembers, listTeams, ownedBy, type TeamRow } from './store.ts'

export const teamHandlers: Handlers<'teams'> = {
  async list(scope, input) {
    scope.reach('team:view')
    const rows = await listTeams(scope.db, input, fromIdCursor(input.cursor, 2))
    const { shown: items, next } = pageOf(rows, input.limit, byName)
    return {
      items: items.map((row) => shown(scope, row)),
      ...next,
    }
  },
  async view(scope, { teamId }) {
    scope.reach('team:view')
    return detail(scope, teamId)
  },
  async update(scope, input) {
    await updateTeam(scope, input)
    return detail(scope, input.teamId)
  },
}

async function detail(scope: Scope, id: string): Promise<AnswerOf<'teams.view'>> {
  const { db } = scope
  const team = await demandTeam(db, id)
  const members = await listMembers(db, id)
  return {
    ...shown(scope, team),
    people: members.map((member) => ({
      person: { id: member.id, name: member.name },
      email: member.email,
      lead: member.lead,
      source: member.source,
      state: member.state,
      since: member.createdAt,
    })),
    projects: await ownedBy(db, id, 'project', scope.reach('project:view')),
    contexts: await ownedBy(db, id, 'context', scope.reach('context:view')),
  }
}

function shown(scope: Scope, row: TeamRow): AnswerOf<'teams.list'>['items'][number] {
  const { id, name, slug, description, idpGroup, members, leads, version } = row
  return {
    id,
    name,
    slug,
    description,
    ...(idpGroup !== null && { idpGroup }),
    members,
    leads,
    version,
    allowed: scope.allowed(teamResourceOf(row)),
  }
}
