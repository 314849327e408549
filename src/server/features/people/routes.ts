import type { AnswerOf } from '../../../contract/index.ts'
import { byName, fromIdCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { accessPath, liveGrantsOf } from '../grants/service.ts'
import { erasePerson } from './erasing.ts'
import { importPeople, previewImport } from './import.ts'
import { changeState } from './leaving.ts'
import { demandPerson, personResourceOf } from './service.ts'
import { listPeople, type PersonRow } from './store.ts'

export const peopleHandlers: Handlers<'people'> = {
  async list(scope, input) {
    scope.reach('person:view')
    const after = fromIdCursor(input.cursor, 2)
    const rows = await listPeople(scope.db, input, after, scope.now)
    const { shown: items, next } = pageOf(rows, input.limit, byName)
    return {
      items: items.map((row) => shown(scope, row)),
      ...next,
    }
  },
  async view(scope, { personId }) {
    scope.reach('person:view')
    return detail(scope, personId)
  },
  async update(scope, input) {
    await changeState(scope, input)
    return detail(scope, input.personId)
  },
  async erase(scope, input) {
    await erasePerson(scope, input)
    return detail(scope, input.personId)
  },
  preview: (scope, { csv }) => previewImport(scope.db, csv),
  import: (scope, { csv }) => importPeople(scope, csv),
}

/** The person with every path of their access, as far as the reader may see grants. */
async function detail(scope: Scope, id: string): Promise<AnswerOf<'people.view'>> {
  const row = await demandPerson(scope.db, id)
  const reach = scope.reach('grant:view')
  const grants = await liveGrantsOf(scope.db, reach, id, scope.now)
  return { ...shown(scope, row), access: grants.map(accessPath) }
}

function shown(scope: Scope, row: PersonRow): AnswerOf<'people.list'>['items'][number] {
  const { id, name, email, title, source, state, teams, version } = row
  return {
    id,
    name,
    email,
    title,
    source,
    state,
    ...(row.leftAt && { leftAt: row.leftAt }),
    ...(row.erasedAt && { erasedAt: row.erasedAt }),
    ...(row.lastSeenAt && { lastSeenAt: row.lastSeenAt }),
    teams,
    version,
    allowed: scope.allowed(personResourceOf(row)),
  }
}
